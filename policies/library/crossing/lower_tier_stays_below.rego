# METADATA
# title: Nothing below production reaches production
# description: A workload of a lower tier reaches no resource of a higher one. Access from a higher tier down is not this guardrail's.
# custom:
#   scope: grant
#   severity: critical
#   rationale: >-
#     Development is where unreviewed code runs and where many people have a shell. A path from there into production makes every one of
#     them, and whatever package they try out, a reader of production.
#   remedy: Run the work in the environment of the data; or copy what is needed down, stripped of what identifies people, and let the lower tier read the copy.
#   controls: [SOC 2 CC6.1, SOC 2 CC6.6, ISO 27001 A.8.31]
package guardrails.crossing.lower_tier_stays_below

height := {"development": 0, "staging": 1, "production": 2}

deny contains {"subject": source.allow, "detail": detail} if {
	some grant in input.grants
	grant.crosses
	height[grant.origin.tier] < height[grant.environment.tier]
	some source in grant.sources
	detail := sprintf("%s lets %s reach %s from %s, which is %s, into %s, which is %s", [source.allow, grant.workload.address, grant.resource.address, grant.origin.name, grant.origin.tier, grant.environment.name, grant.environment.tier])
}
