# METADATA
# title: No workload reaches too much, and no restricted resource is reached by too many
# description: >-
#   In production a workload reaches at most 20 resources that are confidential or restricted; at most 20 workloads reach a restricted
#   resource.
# custom:
#   severity: medium
#   rationale: >-
#     One identity is stolen. If it reads two stores, it is an incident; if it reads every restricted store, it is the end. And a store that a hundred jobs read is lost with the weakest of them.
#   remedy: Split the workload or the group, and allow each part what it needs; or split the resource.
#   controls: [SOC 2 CC6.3, ISO 27001 A.8.3]
package guardrails.reach.blast_radius

most := 20

warn contains {"subject": workload.address, "detail": detail} if {
	some workload in input.workloads
	reached := workload.reach.production.confidential + workload.reach.production.restricted
	reached > most
	detail := sprintf("%s reaches %d confidential or restricted resources in production: more than %d", [workload.address, reached, most])
}

warn contains {"subject": resource.address, "detail": detail} if {
	some resource in input.resources
	resource.classification == "restricted"
	resource.holders.total > most
	detail := sprintf("%s is restricted, and %d workloads reach it: more than %d", [resource.address, resource.holders.total, most])
}
