# The root of the policy. Environments belong to the platform team; every other team writes in a folder of its own.

gatehouse {
  policy     = "acme-ml"
  packs      = ["baseline"]
  guardrails = ["guardrails"]
}

environment "dev" {
  tier = "development"

  consul {
    address    = "https://consul.dev.acme.example:8501"
    datacenter = "europe-west1-dev"
  }

  google {
    project         = "acme-ml-dev"
    project_number  = "481516234201"
    service_account = "${name}@acme-ml-dev.iam.gserviceaccount.com"
  }
}

environment "prod" {
  tier = "production"

  consul {
    address    = "https://consul.prod.acme.example:8501"
    datacenter = "europe-west1"
  }

  google {
    project         = "acme-ml-prod"
    project_number  = "481516234208"
    service_account = "${name}@acme-ml-prod.iam.gserviceaccount.com"
  }
}
