# METADATA
# title: No exception has expired
# description: An exception whose time is over waives nothing, and is still there.
# custom:
#   severity: low
#   rationale: >-
#     An expired exception reads like a permission. Somebody copies it with a new date, and nobody has approved that.
#   remedy: Delete the exception. If its finding is back and can't be mended yet, have a new one approved.
#   controls: [SOC 2 CC3.2, SOC 2 CC6.3]
package guardrails.exceptions.not_expired

warn contains {"subject": exception.address, "detail": sprintf("%s expired on %s", [exception.address, exception.expires])} if {
	some exception in input.exceptions
	not exception.active
}
