# METADATA
# title: A change that adds reach to restricted data says why
# description: >-
#   What a change gains on restricted resources has a reason of three words or more; an allow that was there before, and now reaches further, has
#   a new one, or it is warned of. The guardrail is silent where no base is given.
# custom:
#   severity: high
#   rationale: >-
#     A merge request renames things in thirty files, and one line of it adds a job to an allow on the payroll store. The reason still speaks of
#     the nightly report, and the reviewer's eye passes on.
#   remedy: Say in the reason of the allow what the new access is for; for a new purpose, write an allow of its own.
#   controls: [SOC 2 CC6.1, SOC 2 CC8.1, ISO 27001 A.8.32]
package guardrails.merge.restricted_reach_is_explained

gained := [row | some row in input.delta.gained; row.resource.classification == "restricted"]

words(text) := [word | some word in split(trim_space(text), " "); word != ""]

deny contains {"subject": source.allow, "detail": detail} if {
	some row in gained
	some source in row.sources
	count(words(source.reason)) < 3
	detail := sprintf("this change lets %s reach %s, which is restricted, and %s does not say why", [row.principal.name, row.resource.address, source.allow])
}

warn contains {"subject": source.allow, "detail": detail} if {
	some row in gained
	not row.changed
	some source in row.sources
	count(words(source.reason)) >= 3
	source.old_reason == source.reason
	detail := sprintf("this change lets %s reach %s, which is restricted, and %s gives the reason that it gave before", [row.principal.name, row.resource.address, source.allow])
}
