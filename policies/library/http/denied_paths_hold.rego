# METADATA
# title: No deny rests on one spelling of a path
# description: A deny by path names a prefix; one that names a single path or a regular expression is warned of.
# custom:
#   severity: medium
#   rationale: >-
#     /admin is denied. The server answers to /admin/, //admin and /Admin as well, the proxy compares the text, and each of them passes.
#   remedy: Narrow the allow to the paths that are needed, so that nothing has to be denied; or deny the prefix above, without a slash at its end.
#   controls: [SOC 2 CC6.6, ISO 27001 A.8.26]
package guardrails.http.denied_paths_hold

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
