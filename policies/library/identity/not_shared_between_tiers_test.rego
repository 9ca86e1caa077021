package guardrails.identity.not_shared_between_tiers_test

import data.guardrails.identity.not_shared_between_tiers

holder(workload, environment, tier) := {"workload": workload, "environment": environment, "tier": tier}

leak(holders) := {"principal": {"target": "google", "realm": "", "name": "serviceAccount:ml@acme.example"}, "holders": holders}

denied(leaks) := {f.subject | some f in not_shared_between_tiers.deny with input as {"leaks": leaks}}

warned(leaks) := {f.subject | some f in not_shared_between_tiers.warn with input as {"leaks": leaks}}

across := [leak([holder("workload.a", "dev", "development"), holder("workload.b", "prod", "production")])]

within := [leak([holder("workload.a", "prod", "production"), holder("workload.b", "prod", "production")])]

itself := [leak([holder("workload.a", "dev", "development"), holder("workload.a", "prod", "production")])]

regions := [leak([holder("workload.a", "prod-eu", "production"), holder("workload.a", "prod-us", "production")])]

test_violation if denied(across) == {"workload.a", "workload.b"}

test_violation_of_one_workload if denied(itself) == {"workload.a"}

test_violation_is_not_warned_of_too if warned(across) == set()

test_clean if {
	denied([]) == set()
	warned([]) == set()
}

test_near_miss_one_tier if {
	denied(within) == set()
	warned(within) == {"workload.a", "workload.b"}
}

test_near_miss_two_environments_of_one_tier if {
	denied(regions) == set()
	warned(regions) == {"workload.a"}
}
