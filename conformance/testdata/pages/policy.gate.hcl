# What the examples of lang/diag/pages are added to.

gatehouse {
  policy = "acme-ml"
  packs  = []
}

environment "dev" {
  tier = "development"

  consul {
    address = "https://consul.dev.acme.example:8501"
  }
}

environment "prod" {
  tier = "production"

  consul {
    address = "https://consul.prod.acme.example:8501"
  }
  google {
    project = "acme-ml-prod"
  }
}

workload "fraud-trainer" {
  owner        = "fraud-ml@acme.example"
  environments = [environment.dev, environment.prod]
  labels       = { team = "fraud", stage = "training" }
}

workload "fraud-notebook" {
  owner        = "fraud-ml@acme.example"
  environments = [environment.dev]
  interactive  = true
}

group "training" {
  match = { stage = "training" }
}

feature_store "clicks" {
  owner          = "feature-platform@acme.example"
  classification = "internal"
  environments   = [environment.dev, environment.prod]

  online {
    protocol = "http"
  }
}

secret "warehouse-password" {
  owner          = "data-platform@acme.example"
  classification = "confidential"
  environments   = [environment.prod]
  rotation       = "720h"
}
