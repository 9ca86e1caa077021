package guardrails.reach.blast_radius_test

import data.guardrails.reach.blast_radius

workload(confidential, restricted, elsewhere) := {
	"address": "workload.trainer",
	"reach": {
		"production": {"public": 900, "internal": 900, "confidential": confidential, "restricted": restricted},
		"staging": {"public": 0, "internal": 0, "confidential": elsewhere, "restricted": 0},
	},
}

resource(classification, holders) := {"address": "secret.payroll", "classification": classification, "holders": {"total": holders}}

subjects(workloads, resources) := {f.subject | some f in blast_radius.warn with input as {"workloads": workloads, "resources": resources}}

test_violation_workload if subjects([workload(11, 10, 0)], []) == {"workload.trainer"}

test_violation_resource if subjects([], [resource("restricted", 21)]) == {"secret.payroll"}

test_clean if subjects([workload(3, 1, 0)], [resource("restricted", 4)]) == set()

test_near_miss_exactly_the_limit if subjects([workload(10, 10, 0)], [resource("restricted", 20)]) == set()

test_near_miss_staging if subjects([workload(10, 10, 5)], []) == set()

test_near_miss_confidential if subjects([], [resource("confidential", 500)]) == set()
