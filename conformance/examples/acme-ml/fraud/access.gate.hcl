allow "fraud-training" {
  from    = [workload.fraud-trainer]
  to      = [feature_store.customer-features, secret.warehouse-password]
  reason  = "nightly training of the card fraud model"
  expires = "2027-03-01T00:00:00Z"
}

allow "fraud-scoring" {
  from    = [workload.fraud-scorer]
  to      = [feature_store.customer-features]
  reason  = "features at the moment of a card payment"
  expires = "2027-06-30T00:00:00Z"
}

allow "fraud-payments" {
  from   = [group.fraud-models]
  to     = [feature_store.transaction-features, feature_store.merchant-risk]
  reason = "spending patterns, by card and by merchant"
}

allow "fraud-cases" {
  from         = [workload.fraud-scorer]
  to           = [secret.case-management-api-key]
  environments = [environment.prod]
  reason       = "opens a case for every blocked payment"
  expires      = "2027-06-30T00:00:00Z"
}
