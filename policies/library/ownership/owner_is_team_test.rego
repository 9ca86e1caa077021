package guardrails.ownership.owner_is_team_test

import data.guardrails.ownership.owner_is_team

# One owner of a workload, and of a store with two surfaces.
world(owner) := {
	"workloads": [{"address": "workload.trainer", "owner": owner}],
	"resources": [
		{"address": "feature_store.x.offline", "declaration": "feature_store.x", "owner": owner},
		{"address": "feature_store.x.online", "declaration": "feature_store.x", "owner": owner},
	],
}

# What is said of the workload and, once, of the store.
verdict(owner) := "deny" if {
	subjects(owner_is_team.deny) == both with input as world(owner)
	count(owner_is_team.warn) == 0 with input as world(owner)
}

verdict(owner) := "warn" if {
	count(owner_is_team.deny) == 0 with input as world(owner)
	subjects(owner_is_team.warn) == both with input as world(owner)
}

verdict(owner) := "pass" if {
	count(owner_is_team.deny | owner_is_team.warn) == 0 with input as world(owner)
}

subjects(found) := {f.subject | some f in found}

both := {"feature_store.x", "workload.trainer"}

verdicts(owners) := {owner: verdict(owner) | some owner in owners}

all(owners, said) if verdicts(owners) == {owner: said | some owner in owners}

test_violation_no_address if all(["the data guys", "Ann", "fraud-ml", "fraud-ml@", "fraud ml@acme.example", "fraud-ml@acme", "a@b@c.example", "acme/fraud"], "deny")

test_violation_other_url if all(["http://acme.example/fraud", "https://", "slack:fraud", "@acme/", "@"], "deny")

test_violation_person if all(["ann.smith@acme.example", "Anne-Marie.Smith@acme.example", "@ann", "fraudteam@gmail.com", " ann.smith@acme.example "], "warn")

test_clean if all(["fraud-ml@acme.example", "@acme/fraud", "@acme/ml/fraud-1", "https://wiki.acme.example/teams/fraud"], "pass")

test_near_miss_team_with_a_dot if all(["data.platform@acme.example", "Fraud.Team@acme.example", "fraud.v2@acme.example", "ann@acme.example"], "pass")

# Blank owners are the business of owner-is-set.
test_near_miss_blank if all(["", " \t"], "pass")
