workload "feature-builder" {
  owner        = "feature-platform@acme.example"
  environments = [environment.dev, environment.prod]
  labels       = { team = "platform", stage = "ingestion" }
}

workload "feature-monitor" {
  owner        = "feature-platform@acme.example"
  environments = [environment.prod]
  labels       = { team = "platform", stage = "monitoring" }
}

# Every job that trains a model, whichever team it belongs to.
group "training" {
  match = { stage = "training" }
}

# Every service that answers requests with a model.
group "serving" {
  match = { stage = "serving" }
}
