# METADATA
# title: Restricted access is not to be had for a label
# description: Access to restricted resources is given to workloads by name, or to a group that lists them; not to a group that matches on labels.
# custom:
#   scope: grant
#   severity: high
#   rationale: >-
#     Whoever writes a workload writes its labels. One line in a folder of its own makes any team's job a member of the group, and a reader of
#     the restricted store, without a line of the store's owner.
#   remedy: Let the group list its workloads, or name them in the allow.
#   controls: [SOC 2 CC6.1, SOC 2 CC6.3, ISO 27001 A.8.3]
package guardrails.groups.restricted_not_by_label

deny contains {"subject": source.allow, "detail": detail} if {
	some grant in input.grants
	grant.resource.classification == "restricted"
	some source in grant.sources
	source.by == "labels"
	detail := sprintf("%s gives %s, which is restricted, to %s: whoever carries its labels", [source.allow, grant.resource.address, source.from])
}
