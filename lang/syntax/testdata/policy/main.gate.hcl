gatehouse {
  policy = "acme-ml"
  packs  = ["baseline"]
}

environment "prod" {
  tier = "production"
  consul {
    address = "https://consul.prod.acme.example:8501"
    service = "${name}"
  }
  google {
    project         = "acme-ml-prod"
    service_account = "${name}@acme-ml-prod.iam.gserviceaccount.com"
  }
}

workload "fraud-trainer" {
  owner        = "fraud-ml@acme.example"
  environments = [environment.prod]
  interactive  = false
  labels       = { team = "fraud", stage = "training" }

  in "prod" {
    service_account = "fraud-prod@acme-ml-prod.iam.gserviceaccount.com"
  }
}

group "training" {
  match = { stage = "training" }
}

feature_store "customer-features" {
  owner          = "feature-platform@acme.example"
  classification = "restricted"
  environments   = [environment.prod]
  online {
    protocol = "grpc"
  }
}
