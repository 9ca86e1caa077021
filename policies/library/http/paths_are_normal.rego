# METADATA
# title: Paths are written as the proxy compares them
# description: >-
#   Exact paths and prefixes of allows and denies begin with a slash and hold no empty, . or .. segment, no percent sign, backslash, ? or #.
# custom:
#   severity: high
#   rationale: >-
#     The proxy normalises a request's path before it compares: /v1/../admin is /admin, and what follows ? is no part of it. A pattern that is
#     not in that form never matches, so that a deny protects nothing, and who reads the policy believes that it does.
#   remedy: Write the path as it is after normalisation, such as /admin for /v1/../admin, decoded and without query.
#   controls: [SOC 2 CC6.6, ISO 27001 A.8.26]
package guardrails.http.paths_are_normal

deny contains {"subject": deny.address, "detail": detail} if {
	some deny in input.denies
	some request in deny.requests
	request.kind in ["exact", "prefix"]
	not normal(request.path)
	detail := sprintf("%s denies %s %s, which no request matches", [deny.address, request.kind, request.path])
}

deny contains {"subject": source.allow, "detail": detail} if {
	some grant in input.grants
	grant.request.kind in ["exact", "prefix"]
	not normal(grant.request.path)
	some source in grant.sources
	detail := sprintf("%s allows %s %s, which no request matches", [source.allow, grant.request.kind, grant.request.path])
}

normal(path) if {
	startswith(path, "/")
	not regex.match(`//|/\.\.?(/|$)|[%\\?#]`, path)
}
