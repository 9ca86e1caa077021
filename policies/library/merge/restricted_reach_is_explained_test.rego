package guardrails.merge.restricted_reach_is_explained_test

import data.guardrails.merge.restricted_reach_is_explained as guardrail

row(classification, reason, old, changed) := {
	"principal": {"name": "trainer"},
	"resource": {"address": "secret.payroll", "classification": classification},
	"changed": changed,
	"sources": [{"allow": "allow.x", "reason": reason, "old_reason": old}],
}

document(rows) := {"delta": {"known": true, "gained": rows, "lost": []}}

denied(rows) := {f.subject | some f in guardrail.deny with input as document(rows)}

warned(rows) := {f.subject | some f in guardrail.warn with input as document(rows)}

test_violation if denied([row("restricted", "needed ", null, false)]) == {"allow.x"}

test_violation_old_reason if warned([row("restricted", "the nightly report", "the nightly report", false)]) == {"allow.x"}

test_clean if {
	denied([row("restricted", "the nightly report", null, false)]) == set()
	warned([row("restricted", "the nightly report", null, false)]) == set()
}

test_near_miss_confidential if denied([row("confidential", "", null, false)]) == set()

test_near_miss_new_reason if warned([row("restricted", "the nightly and weekly reports", "the nightly report", false)]) == set()

# It lasts longer, for the same purpose.
test_near_miss_extended if warned([row("restricted", "the nightly report", "the nightly report", true)]) == set()

test_near_miss_no_base if denied([]) == set()
