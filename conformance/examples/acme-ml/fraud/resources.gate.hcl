feature_store "merchant-risk" {
  owner          = "fraud-ml@acme.example"
  classification = "confidential"
  environments   = [environment.dev, environment.prod]

  online {
    service  = "feast-merchant-risk"
    protocol = "grpc"
  }

  in "dev" {
    service = "feast-merchant-risk-synthetic"
  }
}

secret "case-management-api-key" {
  owner          = "fraud-ml@acme.example"
  classification = "confidential"
  environments   = [environment.prod]
  rotation       = "2160h"
}
