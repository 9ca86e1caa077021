# METADATA
# title: Every workload has an identity of its own
# description: A remote identity stands for one workload, in however many environments of its tier.
# custom:
#   severity: high
#   rationale: >-
#     Two jobs share a service account. One of them is broken into, and the logs can't say which of the two read the payroll; to stop the one is to
#     stop both.
#   remedy: Name another service and service account for one of them, by a template or in its in block.
#   controls: [SOC 2 CC6.1, SOC 2 CC7.2, ISO 27001 A.5.16]
package guardrails.identity.one_per_workload

deny contains {"subject": workload, "detail": detail} if {
	some leak in input.leaks
	workloads := {h.workload | some h in leak.holders}
	count(workloads) > 1
	some workload in workloads
	detail := sprintf("%s %s stands for %s", [leak.principal.target, leak.principal.name, concat(" and ", sort(workloads))])
}
