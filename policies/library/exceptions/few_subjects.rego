# METADATA
# title: An exception covers little
# description: An exception names at most 10 subjects and waives at most 25 findings.
# custom:
#   scope: exception
#   severity: medium
#   rationale: >-
#     One exception that names everything a team has turns a guardrail off for it. Among fifty waived findings nobody sees the one that the
#     approver would have refused.
#   remedy: Mend most of what it covers, and name the rest; or write an exception for each, with a reason of its own.
#   controls: [SOC 2 CC3.2, SOC 2 CC6.3]
package guardrails.exceptions.few_subjects

most_subjects := 10

most_findings := 25

warn contains {"subject": exception.address, "detail": detail} if {
	some exception in input.exceptions
	exception.active
	count(exception.subjects) > most_subjects
	detail := sprintf("%s names %d subjects: more than %d", [exception.address, count(exception.subjects), most_subjects])
}

warn contains {"subject": exception.address, "detail": detail} if {
	some exception in input.exceptions
	exception.waives > most_findings
	detail := sprintf("%s waives %d findings: more than %d", [exception.address, exception.waives, most_findings])
}
