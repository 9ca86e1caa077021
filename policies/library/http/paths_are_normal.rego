# METADATA
# title: Allowed paths are written as the proxy compares them
# description: >-
#   Exact paths and prefixes of an allow begin with a slash and hold no empty, . or .. segment, no backslash, ? or #, and no escaped letter, digit or slash.
# custom:
#   scope: grant
#   severity: high
#   rationale: >-
#     The proxy normalises a request's path before it compares: /v1/../admin is /admin, and what follows ? is no part of it. An allow for
#     /v1/%2e%2e/admin gives nothing today, and the administrator's pages on the day on which somebody changes what the proxy normalises.
#   remedy: Write the path as it is after normalisation, such as /admin for /v1/../admin, decoded and without query.
#   controls: [SOC 2 CC6.6, ISO 27001 A.8.26]
package guardrails.http.paths_are_normal

deny contains {"subject": source.allow, "detail": detail} if {
	some grant in input.grants
	grant.request.kind != ""
	grant.request.kind != "regex"
	not normal(grant.request.path)
	some source in grant.sources
	detail := sprintf("%s allows %s %s, which no request matches", [source.allow, grant.request.kind, grant.request.path])
}

normal(path) if {
	startswith(path, "/")
	not regex.match(`(?i)//|/\.\.?(/|$)|[\\?#]|%(2[def]|3[0-9]|4[1-9a-f]|5[0-9acf]|6[1-9a-f]|7[0-9ae])`, path)
}
