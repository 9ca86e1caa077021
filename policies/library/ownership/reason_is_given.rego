# METADATA
# title: Every allow gives a reason
# description: The reason of an allow is a text that is not blank.
# custom:
#   severity: medium
#   rationale: >-
#     Access that nobody can explain is never taken back, for fear of breaking something, and piles up until it is what the intruder uses.
#   remedy: Say in reason what the access is for, so that a reviewer can tell when it is no longer needed.
#   controls: [SOC 2 CC6.1, SOC 2 CC6.3]
package guardrails.ownership.reason_is_given

deny contains {"subject": allow.address, "detail": sprintf("%s gives no reason", [allow.address])} if {
	some allow in input.allows
	trim_space(allow.reason) == ""
}
