# METADATA
# title: Who writes is named
# description: Write access to confidential and restricted resources is given to workloads by name, not to groups.
# custom:
#   scope: grant
#   severity: medium
#   rationale: >-
#     A group was made for those who read, and one of them had to write. Now all of them can, and when a feature goes wrong, twelve jobs may have
#     written it.
#   remedy: Name the workloads that write in an allow of their own, and leave the group its read.
#   controls: [SOC 2 CC6.1, SOC 2 CC6.3]
package guardrails.role.write_by_name

warn contains {"subject": source.allow, "detail": detail} if {
	some grant in input.grants
	grant.action == "write"
	grant.resource.sensitivity >= 2
	some source in grant.sources
	source.by != "name"
	detail := sprintf("%s lets %s write %s, which is %s", [source.allow, source.from, grant.resource.address, grant.resource.classification])
}
