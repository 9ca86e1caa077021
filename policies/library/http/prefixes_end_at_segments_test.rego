package guardrails.http.prefixes_end_at_segments_test

import data.guardrails.http.prefixes_end_at_segments

subjects(kind, path) := {f.subject | some f in prefixes_end_at_segments.warn with input as {"grants": [{"request": {"kind": kind, "path": path}, "sources": [{"allow": "allow.x"}]}]}}

test_violation if subjects("prefix", "/v1/features") == {"allow.x"}

test_clean if subjects("prefix", "/v1/features/") == set()

test_near_miss_exact if subjects("exact", "/v1/features") == set()

test_near_miss_every_request if subjects("", "") == set()
