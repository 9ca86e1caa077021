package guardrails.secrets.rotate_in_time_test

import data.guardrails.secrets.rotate_in_time

sensitivity := {"public": 0, "internal": 1, "confidential": 2, "restricted": 3}

resource(classification, hours) := {
	"address": "secret.x", "kind": "secret", "classification": classification,
	"sensitivity": sensitivity[classification], "rotation_seconds": hours * 3600,
}

denied(one) := {f.detail | some f in rotate_in_time.deny with input as {"resources": [one]}}

warned(one) := {f.detail | some f in rotate_in_time.warn with input as {"resources": [one]}}

test_violation if denied(resource("restricted", 4320)) == {"secret.x is restricted and rotated every 180 days: more than 90"}

test_violation_confidential if count(denied(resource("confidential", 8760))) == 1

test_violation_internal if {
	denied(resource("internal", 20000)) == set()
	count(warned(resource("internal", 20000))) == 1
}

test_clean if denied(resource("restricted", 720)) == set()

test_near_miss_exactly if {
	denied(resource("restricted", 2160)) == set()
	denied(resource("confidential", 4320)) == set()
	warned(resource("public", 8784)) == set()
}

# None declared is another guardrail's.
test_near_miss_none if denied(resource("restricted", 0)) == set()
