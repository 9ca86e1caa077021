package guardrails.acme.team_owns_its_folder_test

import data.guardrails.acme.team_owns_its_folder as guardrail

workload(folder, owner) := {"address": "workload.trainer", "folder": folder, "owner": owner}

store(folder, owner) := {"declaration": "feature_store.x", "folder": folder, "owner": owner}

subjects(workloads, resources) := {f.subject | some f in guardrail.deny with input as {"workloads": workloads, "resources": resources}}

test_violation_workload if subjects([workload("fraud", "ads-ml@acme.example")], []) == {"workload.trainer"}

test_violation_store if subjects([], [store("ads", "fraud-ml@acme.example")]) == {"feature_store.x"}

test_violation_no_team if subjects([workload(".", "fraud-ml@acme.example")], []) == {"workload.trainer"}

test_clean if subjects([workload("fraud", "fraud-ml@acme.example")], [store("ads", "ads-ml@acme.example")]) == set()

test_near_miss_deeper_folder if subjects([workload("fraud/cards/eu", "fraud-ml@acme.example")], []) == set()

test_near_miss_similar_folder if subjects([workload("fraudulent", "fraud-ml@acme.example")], []) == {"workload.trainer"}
