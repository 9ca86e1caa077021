# What must stay true whatever a team allows itself. Every check tries these.

test "notebooks never see restricted data" {
  environments = [environment.dev, environment.prod]
  from         = [group.driven-by-people]
  to           = [feature_store.customer-features]
  actions      = [read, write]
  expect       = "deny"
}

test "the fraud model can be trained" {
  environment = environment.prod
  from        = [workload.fraud-trainer]
  to          = [feature_store.customer-features, secret.warehouse-password]
  at          = "2026-12-01T00:00:00Z"
  expect      = "allow"
}

test "the training of the fraud model has to be renewed" {
  environment = environment.prod
  from        = [workload.fraud-trainer]
  to          = [feature_store.customer-features]
  at          = "2027-03-01T00:00:00Z"
  expect      = "deny"
}
