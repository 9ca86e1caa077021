# METADATA
# title: Nobody approves an exception for what is their own
# description: approved_by is set, and is not the owner of a subject of the exception.
# custom:
#   severity: high
#   rationale: >-
#     The team whose deadline a guardrail stands in the way of is the worst judge of whether it may be waived. When it approves its own
#     exceptions, there is no guardrail.
#   remedy: Let somebody approve it who doesn't own what it is about, such as the security team, and write their address in approved_by.
#   controls: [SOC 2 CC1.3, SOC 2 CC6.3, SOC 2 CC8.1, ISO 27001 A.5.3]
package guardrails.exceptions.not_self_approved

deny contains {"subject": exception.address, "detail": sprintf("nobody has approved %s", [exception.address])} if {
	some exception in input.exceptions
	trim_space(exception.approved_by) == ""
}

deny contains {"subject": exception.address, "detail": detail} if {
	some exception in input.exceptions
	some subject in exception.subjects
	subject.owner != ""
	lower(trim_space(subject.owner)) == lower(trim_space(exception.approved_by))
	detail := sprintf("%s is approved by %s, who owns %s", [exception.address, exception.approved_by, subject.address])
}
