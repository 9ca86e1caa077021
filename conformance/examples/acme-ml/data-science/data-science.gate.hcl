workload "ds-notebooks" {
  owner        = "data-science@acme.example"
  environments = [environment.dev, environment.prod]
  interactive  = true
  labels       = { team = "data-science", stage = "exploration" }
}

workload "churn-trainer" {
  owner        = "data-science@acme.example"
  environments = [environment.dev, environment.prod]
  labels       = { team = "data-science", stage = "training" }
}

allow "exploration" {
  from         = [workload.ds-notebooks, workload.churn-trainer]
  to           = [feature_store.customer-features, feature_store.transaction-features, feature_store.item-embeddings]
  environments = [environment.dev]
  reason       = "prototypes, on the synthetic data of dev"
  expires      = "2027-06-30T00:00:00Z"
}

allow "quarterly-analysis" {
  from         = [workload.ds-notebooks]
  to           = [feature_store.item-embeddings, feature_store.session-events]
  environments = [environment.prod]
  reason       = "analysis for the quarterly business review"
  expires      = "2027-01-31T00:00:00Z"
}

allow "churn-training" {
  from    = [workload.churn-trainer]
  to      = [feature_store.customer-features, feature_store.session-events, secret.warehouse-password]
  reason  = "monthly churn model"
  expires = "2027-03-01T00:00:00Z"
}
