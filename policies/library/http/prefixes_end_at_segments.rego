# METADATA
# title: An allowed prefix ends where a segment ends
# description: A prefix in an allow ends in a slash.
# custom:
#   scope: grant
#   severity: medium
#   rationale: >-
#     The allow for /v1/features was written when there was nothing else. Then somebody adds /v1/features-admin to the service, and every
#     reader of features is an administrator.
#   remedy: Let the prefix end in a slash, and add the path without it as an exact one where it is needed.
#   controls: [SOC 2 CC6.1, SOC 2 CC6.6]
package guardrails.http.prefixes_end_at_segments

warn contains {"subject": source.allow, "detail": detail} if {
	some grant in input.grants
	grant.request.kind == "prefix"
	not endswith(grant.request.path, "/")
	some source in grant.sources
	detail := sprintf("%s allows %s-anything as well as %s", [source.allow, grant.request.path, grant.request.path])
}
