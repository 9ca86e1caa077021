package guardrails.role.surface_is_named_test

import data.guardrails.role.surface_is_named

resource(surface, sensitivity) := {"declaration": "feature_store.x", "surface": surface, "sensitivity": sensitivity}

subjects(to, resources) := {f.subject | some f in surface_is_named.warn with input as {"allows": [{"address": "allow.x", "to": [to]}], "resources": resources}}

both := [resource("online", 3), resource("offline", 3)]

test_violation if subjects("feature_store.x", both) == {"allow.x"}

test_clean if subjects("feature_store.x.online", both) == set()

test_near_miss_one_surface if subjects("feature_store.x", [resource("online", 3)]) == set()

test_near_miss_internal if subjects("feature_store.x", [resource("online", 1), resource("offline", 1)]) == set()
