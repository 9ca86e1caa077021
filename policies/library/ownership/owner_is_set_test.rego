package guardrails.ownership.owner_is_set_test

import data.guardrails.ownership.owner_is_set

workload(owner) := {"address": "workload.trainer", "owner": owner}

store(owner) := {"address": "feature_store.x.online", "declaration": "feature_store.x", "owner": owner}

secret(owner) := {"address": "secret.y", "declaration": "secret.y", "owner": owner}

subjects(workloads, resources) := {f.subject | some f in owner_is_set.deny with input as {"workloads": workloads, "resources": resources}}

test_violation_workload if subjects([workload("")], []) == {"workload.trainer"}

# The finding is about the store, once, and not about each of its surfaces.
test_violation_store if subjects([], [store("")]) == {"feature_store.x"}

test_violation_secret if subjects([], [secret("")]) == {"secret.y"}

test_clean if subjects([workload("ml@acme.example")], [store("features@acme.example"), secret("data@acme.example")]) == set()

test_near_miss_blank if subjects([workload(" \t")], []) == {"workload.trainer"}

test_near_miss_one_letter if subjects([workload("a")], []) == set()
