package guardrails.http.paths_are_normal_test

import data.guardrails.http.paths_are_normal

allowed(kind, path) := {f.subject | some f in paths_are_normal.deny with input as {"grants": [{"request": {"kind": kind, "path": path}, "sources": [{"allow": "allow.x"}]}]}}

test_violation if {
	every path in ["/v1/../admin", "//admin", "/a/./b", "/%61dmin", "/a%2Fb", `/a\b`, "/a?b=c", "/a#b", "admin", "/a/.."] {
		allowed("exact", path) == {"allow.x"}
		allowed("prefix", path) == {"allow.x"}
	}
}

test_clean if allowed("exact", "/v1/features") == set()

test_near_miss_dots if {
	every path in ["/v1.2/x", "/..hidden", "/a/...", "/.well-known/x", "/", "/a%20b", "/a%40b"] {
		allowed("prefix", path) == set()
	}
}

test_near_miss_regex if allowed("regex", `/v[0-9]+\.x`) == set()

test_near_miss_every_request if allowed("", "") == set()
