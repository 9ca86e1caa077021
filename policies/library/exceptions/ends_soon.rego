# METADATA
# title: Every exception ends within a year
# description: An exception has an expiry, not more than 366 days ahead. From 190 days on it is warned of.
# custom:
#   severity: high
#   rationale: >-
#     An exception is granted for a migration. Without an end near enough for its approver to see it come, it is what remains of the rule: the
#     next audit finds it three years later, approved by somebody who has left.
#   remedy: Set expires to the day on which the work that it waits for will be done, and not more than half a year ahead.
#   controls: [SOC 2 CC3.2, SOC 2 CC6.3, ISO 27001 A.5.18]
package guardrails.exceptions.ends_soon

day := ((24 * 60) * 60) * 1000000000

now := time.parse_rfc3339_ns(input.day)

deny contains {"subject": exception.address, "detail": sprintf("%s never ends", [exception.address])} if {
	some exception in input.exceptions
	exception.expires == null
}

deny contains {"subject": exception.address, "detail": detail} if {
	some exception in input.exceptions
	exception.expires != null
	ahead := time.parse_rfc3339_ns(exception.expires) - now
	ahead > 366 * day
	detail := sprintf("%s ends in %d days: more than 366", [exception.address, floor(ahead / day)])
}

warn contains {"subject": exception.address, "detail": detail} if {
	some exception in input.exceptions
	exception.expires != null
	ahead := time.parse_rfc3339_ns(exception.expires) - now
	ahead > 190 * day
	ahead <= 366 * day
	detail := sprintf("%s ends in %d days: more than 190", [exception.address, floor(ahead / day)])
}
