# METADATA
# title: No group catches everybody
# description: >-
#   A group that an allow names holds not all workloads of an environment that has five or more. More than half of twenty or more is warned of.
# custom:
#   severity: high
#   rationale: >-
#     A group is meant for the training jobs and matches on a label that every workload carries. The allow reads like access for a few and is
#     access for all, the next workload included that somebody adds.
#   remedy: Match on a label that only the members carry, or list the workloads.
#   controls: [SOC 2 CC6.1, SOC 2 CC6.3, ISO 27001 A.8.2]
package guardrails.groups.not_everybody

used := {from | some allow in input.allows; some from in allow.from}

deny contains {"subject": group.address, "detail": detail} if {
	some group in input.groups
	group.address in used
	some member in group.members
	member.of >= 5
	count(member.workloads) == member.of
	detail := sprintf("%s holds all %d workloads of %s", [group.address, member.of, member.environment])
}

warn contains {"subject": group.address, "detail": detail} if {
	some group in input.groups
	group.address in used
	some member in group.members
	member.of >= 20
	held := count(member.workloads)
	held < member.of
	held * 2 > member.of
	detail := sprintf("%s holds %d of the %d workloads of %s", [group.address, held, member.of, member.environment])
}
