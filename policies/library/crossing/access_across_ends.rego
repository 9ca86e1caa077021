# METADATA
# title: Access across environments ends
# description: An allow that crosses from one environment into another has an expiry.
# custom:
#   scope: grant
#   severity: high
#   rationale: >-
#     A backfill is given production data from staging for a weekend. Nobody takes the crossing back, and a year later whoever breaks into
#     staging reads production by it.
#   remedy: Set expires on the allow that crosses, to the day on which the work is done.
#   controls: [SOC 2 CC6.1, SOC 2 CC6.6, ISO 27001 A.8.31]
package guardrails.crossing.access_across_ends

deny contains {"subject": source.allow, "detail": detail} if {
	some grant in input.grants
	grant.crosses
	grant.expires == null
	some source in grant.sources
	source.expires == null
	detail := sprintf("%s lets %s of %s reach %s in %s without an end", [source.allow, grant.workload.address, grant.origin.name, grant.resource.address, grant.environment.name])
}
