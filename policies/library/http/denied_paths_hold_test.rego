package guardrails.http.denied_paths_hold_test

import data.guardrails.http.denied_paths_hold

details(kind, path) := {f.detail | some f in denied_paths_hold.warn with input as {"denies": [{"address": "deny.admin", "requests": [{"kind": kind, "path": path}]}]}}

denied(kind, path) := {f.subject | some f in denied_paths_hold.deny with input as {"denies": [{"address": "deny.admin", "requests": [{"kind": kind, "path": path}]}]}}

test_violation if {
	every path in ["/v1/../admin", "//admin", "/a/./b", "/%61dmin", "/a%2Fb", `/a\b`, "/a?b=c", "/a#b", "admin", "/a/.."] {
		denied("exact", path) == {"deny.admin"}
		denied("prefix", path) == {"deny.admin"}
	}
}

test_violation_exact if details("exact", "/admin") == {"deny.admin denies exact /admin, and other spellings of it pass"}

test_violation_regex if count(details("regex", "/admin.*")) == 1

test_violation_slash if details("prefix", "/admin/") == {"deny.admin denies prefix /admin/, and /admin passes"}

test_clean if {
	details("prefix", "/admin") == set()
	denied("prefix", "/admin") == set()
}

test_near_miss_dots if {
	every path in ["/v1.2/x", "/..hidden", "/a/...", "/.well-known/x", "/", "/a%20b", "/a%40b"] {
		denied("prefix", path) == set()
	}
}

test_near_miss_every_path if details("", "") == set()

test_near_miss_root if details("prefix", "/") == set()
