gatehouse {
  policy     = "acme-ml"
  packs      = ["baseline"]
  guardrails = ["guardrails"]
}

environment "dev" {
  tier    = "development"
  retired = false

  consul {
    address    = "http://consul.dev.acme.example:8500"
    datacenter = "dc1"
    partition  = "ml"
    namespace  = "features"
  }
  google {
    project  = "acme-ml-dev"
    endpoint = "localhost:9090"
  }
}

environment "prod" {
  tier = "production"

  consul {
    address = "https://consul.prod.acme.example:8501"
    service = "${labels.team}-${name}"
  }
  google {
    project         = "acme-ml-prod"
    project_number  = "123456789012"
    service_account = "${name}@acme-ml-prod.iam.gserviceaccount.com"
    secret          = "${environment}-${name}"
    ownership       = "exclusive"
  }
}

workload "fraud-trainer" {
  owner        = "fraud-ml@acme.example"
  environments = [environment.dev, environment.prod]
  interactive  = false
  labels       = { team = "fraud", stage = "training" }

  in "prod" {
    service         = "fraud-training"
    service_account = "fraud-prod@acme-ml-prod.iam.gserviceaccount.com"
    labels          = { stage = "production-training" }
  }
}

workload "scratch-notebooks" {
  owner        = "fraud-ml@acme.example"
  environments = [environment.dev]
  interactive  = true
  labels       = { team = "fraud" }
}

group "fraud" {
  match = { team = "fraud" }
}

group "trainers" {
  workloads = [workload.fraud-trainer]
}

feature_store "customer-features" {
  owner          = "feature-platform@acme.example"
  classification = "restricted"
  environments   = [environment.dev, environment.prod]
  labels         = { team = "platform" }

  online {
    service  = "feast-customer"
    protocol = "grpc"
  }

  in "prod" {
    service = "feast-customer-v2"
    labels  = { team = "platform-prod" }
  }
}

secret "warehouse-password" {
  owner          = "data-platform@acme.example"
  classification = "confidential"
  environments   = [environment.dev, environment.prod]
  rotation       = "720h"
  labels         = { team = "platform" }

  in "prod" {
    secret  = "warehouse-password"
    project = "acme-shared"
    labels  = { team = "shared" }
  }
}

allow "fraud-training" {
  from         = [group.trainers]
  to           = [feature_store.customer-features, secret.warehouse-password]
  actions      = [read]
  reason       = "nightly fraud model training"
  not_before   = "2026-01-01T00:00:00Z"
  expires      = "2027-03-01T00:00:00Z"
  environments = [environment.prod]
}

deny "no-scratch-on-restricted" {
  from    = [workload.scratch-notebooks]
  to      = [feature_store.customer-features]
  actions = [read, write]
  reason  = "notebooks are not reviewed"
}
