package guardrails.exceptions.not_self_approved_test

import data.guardrails.exceptions.not_self_approved

exception(approved_by, owner) := {"address": "exception.x", "approved_by": approved_by, "subjects": [{"address": "workload.a", "owner": owner}]}

details(one) := {f.detail | some f in not_self_approved.deny with input as {"exceptions": [one]}}

test_violation if details(exception("fraud@acme.example", "fraud@acme.example")) == {"exception.x is approved by fraud@acme.example, who owns workload.a"}

test_violation_other_case if details(exception("Fraud@acme.example ", "fraud@acme.example")) != set()

test_violation_nobody if details(exception(" ", "fraud@acme.example")) == {"nobody has approved exception.x"}

test_clean if details(exception("security@acme.example", "fraud@acme.example")) == set()

# An allow has no owner.
test_near_miss_no_owner if details(exception("security@acme.example", "")) == set()
