# METADATA
# title: An allow names the surface that it needs
# description: An allow on a confidential or restricted feature store that is both online and offline names one of the two, or both.
# custom:
#   severity: medium
#   rationale: >-
#     A scorer needs one customer's features at a time. The allow names the store, and with it gives the warehouse's dataset: every customer, in one
#     query.
#   remedy: Write feature_store.NAME.online or feature_store.NAME.offline, or both where both are needed.
#   controls: [SOC 2 CC6.1, SOC 2 CC6.3, ISO 27001 A.8.3]
package guardrails.role.surface_is_named

online := {r.declaration | some r in input.resources; r.surface == "online"; r.sensitivity >= 2}

offline := {r.declaration | some r in input.resources; r.surface == "offline"; r.sensitivity >= 2}

double := online & offline

warn contains {"subject": allow.address, "detail": detail} if {
	some allow in input.allows
	some to in allow.to
	to in double
	detail := sprintf("%s names %s, and gives its dataset as well as its service", [allow.address, to])
}
