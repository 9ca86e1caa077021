workload "recs-trainer" {
  owner        = "recommendations@acme.example"
  environments = [environment.dev, environment.prod]
  labels       = { team = "recommendations", stage = "training" }
}

workload "recs-ranker" {
  owner        = "recommendations@acme.example"
  environments = [environment.dev, environment.prod]
  labels       = { team = "recommendations", stage = "serving" }
}

feature_store "item-embeddings" {
  owner          = "recommendations@acme.example"
  classification = "internal"
  environments   = [environment.dev, environment.prod]
  labels         = { granting = "data-science" }

  online {
    service  = "item-embeddings"
    protocol = "http2"
  }
}

allow "recs-embeddings-write" {
  from    = [workload.recs-trainer]
  to      = [feature_store.item-embeddings]
  actions = [read, write]
  reason  = "publishes the embeddings of each nightly run"
}

allow "recs-ranking" {
  from   = [workload.recs-ranker]
  to     = [feature_store.item-embeddings, feature_store.session-events]
  reason = "ranks the home page by what a session looked at"
}

allow "recs-training" {
  from   = [workload.recs-trainer]
  to     = [feature_store.session-events, secret.warehouse-password]
  reason = "nightly training of the two-tower model"
}
