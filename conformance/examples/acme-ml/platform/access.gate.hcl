allow "build-features" {
  from = [workload.feature-builder]
  to = [
    feature_store.customer-features,
    feature_store.transaction-features,
    feature_store.session-events,
    feature_store.market-calendar,
  ]
  actions = [read, write]
  reason  = "hourly materialisation from the warehouse"
  expires = "2027-12-31T00:00:00Z"
}

allow "build-from-warehouse" {
  from   = [workload.feature-builder]
  to     = [secret.warehouse-password]
  reason = "hourly materialisation from the warehouse"
}

allow "monitor-freshness" {
  from   = [workload.feature-monitor]
  to     = [feature_store.transaction-features, feature_store.session-events]
  reason = "freshness and drift metrics, sampled every five minutes"
}

allow "calendar-for-everybody" {
  from   = [group.training, group.serving]
  to     = [feature_store.market-calendar]
  reason = "holidays and opening hours are public"
}
