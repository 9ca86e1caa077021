# METADATA
# title: Access to restricted resources ends
# description: An allow that reaches a restricted feature store or secret has an expiry.
# custom:
#   scope: grant
#   severity: high
#   rationale: >-
#     Access to what matters most is given for a project, and outlives it by years, since nothing ever asks whether it is still needed.
#   remedy: Set expires on the allow, to a date by which somebody will have reviewed it.
#   controls: [SOC 2 CC6.2, SOC 2 CC6.3, ISO 27001 A.5.18]
package guardrails.lifetime.restricted_access_ends

deny contains {"subject": source.allow, "detail": detail} if {
	some grant in input.grants
	grant.expires == null
	grant.resource.classification == "restricted"
	some source in grant.sources
	source.expires == null
	detail := sprintf("%s gives access to %s, which is restricted, without an end", [source.allow, grant.resource.address])
}
