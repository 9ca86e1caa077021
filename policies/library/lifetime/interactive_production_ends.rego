# METADATA
# title: Access of interactive workloads in production ends
# description: An allow that gives an interactive workload access in a production environment has an expiry.
# custom:
#   scope: grant
#   severity: high
#   rationale: >-
#     A notebook was let into production for one analysis. The analyst has changed teams twice since, and the access went along each time.
#   remedy: Set expires on the allow, or keep it out of production with environments.
#   controls: [SOC 2 CC6.2, SOC 2 CC6.3, ISO 27001 A.8.2]
package guardrails.lifetime.interactive_production_ends

deny contains {"subject": source.allow, "detail": detail} if {
	some grant in input.grants
	grant.expires == null
	grant.workload.interactive
	grant.environment.tier == "production"
	some source in grant.sources
	source.expires == null
	detail := sprintf("%s gives %s, which people drive, access in %s without an end", [source.allow, grant.workload.address, grant.environment.name])
}
