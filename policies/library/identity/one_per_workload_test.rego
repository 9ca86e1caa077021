package guardrails.identity.one_per_workload_test

import data.guardrails.identity.one_per_workload

leak(workloads) := {
	"principal": {"target": "google", "realm": "", "name": "serviceAccount:ml@acme.example"},
	"holders": [{"workload": w, "environment": "prod", "tier": "production"} | some w in workloads],
}

subjects(leaks) := {f.subject | some f in one_per_workload.deny with input as {"leaks": leaks}}

test_violation if subjects([leak(["workload.a", "workload.b"])]) == {"workload.a", "workload.b"}

test_clean if subjects([]) == set()

test_near_miss_two_environments if subjects([leak(["workload.a", "workload.a"])]) == set()
