# METADATA
# title: Every deny can take something
# description: >-
#   Some workload that a deny names is somebody in the remote system that holds one of its resources. A deny that takes nothing today, but
#   would tomorrow, is a precaution and no finding.
# custom:
#   severity: medium
#   rationale: >-
#     A deny is written after an incident and rests on a label. The label is renamed, the deny stands there and takes nothing, and everybody
#     believes that it protects.
#   remedy: Correct from and to so that they name somebody and something that exist, or delete the deny.
#   controls: [SOC 2 CC6.1, SOC 2 CC6.3]
package guardrails.denies.match_something

warn contains {"subject": deny.address, "detail": detail} if {
	some deny in input.denies
	not deny.matches
	detail := sprintf("%s can never take anything: %s", [deny.address, why(count(deny.workloads), count(deny.resources))])
}

why(0, _) := "it names no workload"

why(workloads, 0) := "it names no resource" if workloads > 0

why(workloads, resources) := "none of its workloads is known where its resources are" if {
	workloads > 0
	resources > 0
}
