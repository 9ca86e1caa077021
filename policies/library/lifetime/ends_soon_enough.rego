# METADATA
# title: Access that must end, ends soon enough to be reviewed
# description: >-
#   Access to confidential and restricted resources ends within 13 months, and that of interactive workloads in production within 190 days.
#   Access that has no end at all is the business of other guardrails.
# custom:
#   scope: grant
#   severity: medium
#   rationale: >-
#     expires = 2099 satisfies a rule that asks for an end and defeats its purpose. The yearly review of access finds nothing to review.
#   remedy: Set expires to the next review of the access, not more than a year ahead.
#   controls: [SOC 2 CC6.2, SOC 2 CC6.3, ISO 27001 A.5.18]
package guardrails.lifetime.ends_soon_enough

now := time.parse_rfc3339_ns(input.day)

# Times are text of one form, in UTC: they compare as text, which is ten times as fast.
year := time.format(time.add_date(now, 1, 1, 0))

half := time.format(time.add_date(now, 0, 0, 190))

deny contains {"subject": source.allow, "detail": detail} if {
	some grant in input.grants
	grant.resource.sensitivity >= 2
	some source in grant.sources
	source.expires != null
	source.expires > year
	detail := sprintf("%s gives access to %s, which is %s, until %s: more than 13 months", [source.allow, grant.resource.address, grant.resource.classification, source.expires])
}

deny contains {"subject": source.allow, "detail": detail} if {
	some grant in input.grants
	grant.workload.interactive
	grant.environment.tier == "production"
	some source in grant.sources
	source.expires != null
	source.expires > half
	detail := sprintf("%s gives %s, which people drive, access in %s until %s: more than 190 days", [source.allow, grant.workload.address, grant.environment.name, source.expires])
}
