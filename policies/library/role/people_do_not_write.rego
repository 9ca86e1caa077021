# METADATA
# title: People do not write in production
# description: An interactive workload has no write access in a production environment.
# custom:
#   scope: grant
#   severity: high
#   rationale: >-
#     A cell of a notebook is run twice, against the wrong store, and a week of features is overwritten. No review stood between the person and
#     production, and no job can be asked what it did.
#   remedy: Let a reviewed job write, and let people start the job; or keep the allow out of production with environments.
#   controls: [SOC 2 CC6.3, SOC 2 CC8.1, ISO 27001 A.8.4]
package guardrails.role.people_do_not_write

deny contains {"subject": source.allow, "detail": detail} if {
	some grant in input.grants
	grant.action == "write"
	grant.workload.interactive
	grant.environment.tier == "production"
	some source in grant.sources
	detail := sprintf("%s lets %s, which people drive, write %s in %s", [source.allow, grant.workload.address, grant.resource.address, grant.environment.name])
}
