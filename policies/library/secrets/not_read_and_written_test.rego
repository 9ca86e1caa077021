package guardrails.secrets.not_read_and_written_test

import data.guardrails.secrets.not_read_and_written

grant(kind, action, held, sensitivity) := {
	"action": action, "held": held,
	"workload": {"address": "workload.a"},
	"environment": {"name": "prod"},
	"resource": {"address": "secret.x", "kind": kind, "sensitivity": sensitivity},
	"sources": [{"allow": sprintf("allow.%s", [action])}],
}

document(kind, held, sensitivity) := {"grants": [grant(kind, action, held, sensitivity) | some action in held]}

denied(kind, held, sensitivity) := {f.subject | some f in not_read_and_written.deny with input as document(kind, held, sensitivity)}

warned(kind, held, sensitivity) := {f.subject | some f in not_read_and_written.warn with input as document(kind, held, sensitivity)}

test_violation if denied("secret", ["read", "write"], 2) == {"allow.write"}

test_violation_internal if {
	denied("secret", ["read", "write"], 1) == set()
	warned("secret", ["read", "write"], 1) == {"allow.write"}
}

test_clean if denied("secret", ["read"], 3) == set()

test_near_miss_rotator if denied("secret", ["write"], 3) == set()

# A store is there to be read and written.
test_near_miss_store if denied("feature_store", ["read", "write"], 3) == set()
