# METADATA
# title: No deny rests on one spelling of a path
# description: >-
#   The paths of a deny begin with a slash and hold no empty, . or .. segment, no backslash, ? or #, and no escaped letter, digit or slash. A deny by path names a prefix: one that
#   names a single path or a regular expression is warned of.
# custom:
#   severity: high
#   rationale: >-
#     /admin is denied. The server answers to /admin/, //admin and /Admin as well, the proxy compares the text, and each of them passes. And what is not
#     written as the proxy normalises it, such as /v1/../admin, matches no request at all.
#   remedy: Write paths normalised, decoded and without query. Narrow the allow to the paths that are needed, so that nothing has to be denied; or deny the prefix above, without a slash at its end.
#   controls: [SOC 2 CC6.6, ISO 27001 A.8.26]
package guardrails.http.denied_paths_hold

deny contains {"subject": deny.address, "detail": detail} if {
	some deny in input.denies
	some request in deny.requests
	request.kind in ["exact", "prefix"]
	not normal(request.path)
	detail := sprintf("%s denies %s %s, which no request matches", [deny.address, request.kind, request.path])
}

normal(path) if {
	startswith(path, "/")
	not regex.match(`(?i)//|/\.\.?(/|$)|[\\?#]|%(2[def]|3[0-9]|4[1-9a-f]|5[0-9acf]|6[1-9a-f]|7[0-9ae])`, path)
}

warn contains {"subject": deny.address, "detail": detail} if {
	some deny in input.denies
	some request in deny.requests
	request.kind in ["exact", "regex"]
	detail := sprintf("%s denies %s %s, and other spellings of it pass", [deny.address, request.kind, request.path])
}

warn contains {"subject": deny.address, "detail": detail} if {
	some deny in input.denies
	some request in deny.requests
	request.kind == "prefix"
	count(request.path) > 1
	endswith(request.path, "/")
	detail := sprintf("%s denies prefix %s, and %s passes", [deny.address, request.path, trim_suffix(request.path, "/")])
}
