package guardrails.ownership.granted_by_owner_test

import data.guardrails.ownership.granted_by_owner

grant(allow, home, labels) := {
	"resource": {"declaration": "secret.x", "folder": home, "labels": labels, "owner": "platform@acme.example"},
	"sources": [{"allow": "allow.x", "folder": allow}],
}

denied(allow, home, labels) if count(granted_by_owner.deny) == 1 with input as {"grants": [grant(allow, home, labels)]}

test_violation if denied("fraud", "platform", {})

test_violation_of_the_root if denied("fraud", ".", {})

test_violation_similar_name if denied("platform-tools", "platform", {})

test_clean if not denied("platform", "platform", {})

test_near_miss_above if not denied("teams", "teams/platform/stores", {})

test_near_miss_root if not denied(".", "platform", {})

test_near_miss_below if not denied("platform/ingest", "platform", {})

test_near_miss_named if not denied("fraud", "platform", {"granting": "ads, fraud"})

test_near_miss_named_above if not denied("teams/fraud/eu", "platform", {"granting": "teams/fraud/"})

test_near_miss_other_named if denied("fraud", "platform", {"granting": "ads, frau, fraudulent"})

test_near_miss_named_of_the_root if not denied("fraud", ".", {"granting": "fraud"})
