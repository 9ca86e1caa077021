allow "fraud-training" {
  from    = [group.training]
  to      = [feature_store.customer-features.online]
  actions = [read]
  reason  = "nightly $${x} training"
  expires = "2027-03-01T00:00:00Z"
}
