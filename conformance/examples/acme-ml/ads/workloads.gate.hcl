workload "ads-ctr-trainer" {
  owner        = "ads-ml@acme.example"
  environments = [environment.dev, environment.prod]
  labels       = { team = "ads", stage = "training" }
}

workload "ads-bidder" {
  owner        = "ads-ml@acme.example"
  environments = [environment.prod]
  labels       = { team = "ads", stage = "serving" }
}

secret "ad-exchange-token" {
  owner          = "ads-ml@acme.example"
  classification = "confidential"
  environments   = [environment.prod]
  rotation       = "720h"
}

allow "ads-bidding" {
  from    = [workload.ads-bidder]
  to      = [feature_store.audience-segments, secret.ad-exchange-token]
  reason  = "bids for impressions; the exchange authenticates us by the token"
  expires = "2027-04-01T00:00:00Z"
}

allow "ads-training" {
  from       = [workload.ads-ctr-trainer]
  to         = [feature_store.audience-segments, feature_store.session-events]
  reason     = "click-through model, retrained weekly"
  not_before = "2026-10-01T00:00:00Z"
  expires    = "2027-04-01T00:00:00Z"
}
