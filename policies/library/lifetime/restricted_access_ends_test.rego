package guardrails.lifetime.restricted_access_ends_test

import data.guardrails.lifetime.restricted_access_ends

end := "2027-03-01T00:00:00Z"

source(name, expires) := {"allow": name, "expires": expires}

grant(classification, expires, sources) := {
	"resource": {"address": "feature_store.x.online", "classification": classification},
	"expires": expires,
	"sources": sources,
}

subjects(grants) := {f.subject | some f in restricted_access_ends.deny with input as {"grants": grants}}

test_violation if subjects([grant("restricted", null, [source("allow.a", null)])]) == {"allow.a"}

test_clean if subjects([grant("restricted", end, [source("allow.a", end)])]) == set()

test_near_miss_confidential if subjects([grant("confidential", null, [source("allow.a", null)])]) == set()

# Of two allows behind one grant, the one without an end is to blame.
test_near_miss_one_of_two if subjects([grant("restricted", null, [source("allow.a", end), source("allow.b", null)])]) == {"allow.b"}

test_detail if {
	some f in restricted_access_ends.deny with input as {"grants": [grant("restricted", null, [source("allow.a", null)])]}
	f.detail == "allow.a gives access to feature_store.x.online, which is restricted, without an end"
}
