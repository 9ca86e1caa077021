# METADATA
# title: Every exception waives something
# description: An exception that is in force waives at least one finding of a guardrail that judges this policy.
# custom:
#   scope: exception
#   severity: low
#   rationale: >-
#     The finding was mended, the exception stayed. A year later the same mistake is made again, and passes in silence.
#   remedy: Delete the exception.
#   controls: [SOC 2 CC3.2, SOC 2 CC6.3]
package guardrails.exceptions.useful

warn contains {"subject": exception.address, "detail": detail} if {
	some exception in input.exceptions
	exception.active
	exception.known
	exception.waives == 0
	detail := sprintf("%s waives nothing: %s finds nothing wrong with its subjects", [exception.address, exception.guardrail])
}

warn contains {"subject": exception.address, "detail": detail} if {
	some exception in input.exceptions
	exception.active
	not exception.known
	detail := sprintf("%s waives nothing: %s doesn't judge this policy", [exception.address, exception.guardrail])
}
