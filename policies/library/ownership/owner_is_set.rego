# METADATA
# title: Every workload, feature store and secret has an owner
# description: The owner of a workload, a feature store or a secret is a text that is not blank.
# custom:
#   severity: high
#   rationale: >-
#     At three in the night a workload reads what it shouldn't, and nobody can say whose it is, whom to wake, or whether it may be stopped.
#   remedy: Set owner to the address of the team that answers for it.
#   controls: [SOC 2 CC1.3, SOC 2 CC6.1, ISO 27001 A.5.9]
package guardrails.ownership.owner_is_set

deny contains {"subject": workload.address, "detail": sprintf("%s has no owner", [workload.address])} if {
	some workload in input.workloads
	trim_space(workload.owner) == ""
}

deny contains {"subject": resource.declaration, "detail": sprintf("%s has no owner", [resource.declaration])} if {
	some resource in input.resources
	trim_space(resource.owner) == ""
}
