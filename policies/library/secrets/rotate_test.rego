package guardrails.secrets.rotate_test

import data.guardrails.secrets.rotate

resource(kind, sensitivity, rotation) := {"address": "secret.x", "kind": kind, "classification": "of some kind", "sensitivity": sensitivity, "rotation_seconds": rotation}

denied(one) := {f.subject | some f in rotate.deny with input as {"resources": [one]}}

warned(one) := {f.subject | some f in rotate.warn with input as {"resources": [one]}}

test_violation if denied(resource("secret", 2, 0)) == {"secret.x"}

test_violation_internal if {
	denied(resource("secret", 1, 0)) == set()
	warned(resource("secret", 1, 0)) == {"secret.x"}
}

test_clean if denied(resource("secret", 3, 86400)) == set()

test_near_miss_store if denied(resource("feature_store", 3, 0)) == set()
