workload "fraud-trainer" {
  owner        = "fraud-ml@acme.example"
  environments = [environment.dev, environment.prod]
  labels       = { team = "fraud", stage = "training" }

  in "prod" { # older than the naming scheme; the account holds the model registry's permissions
    service_account = "fraud-training@acme-ml-prod.iam.gserviceaccount.com"
  }
}

workload "fraud-scorer" {
  owner        = "fraud-ml@acme.example"
  environments = [environment.dev, environment.prod]
  labels       = { team = "fraud", stage = "serving" }
}

group "fraud-models" {
  workloads = [workload.fraud-trainer, workload.fraud-scorer]
}
