# The shared feature stores. A store that one team alone fills and reads lies in that team's folder.

feature_store "customer-features" {
  owner          = "feature-platform@acme.example"
  classification = "restricted" # income band, date of birth
  environments   = [environment.dev, environment.prod]
  labels         = { domain = "customer", granting = "fraud, data-science" } # whose allows may name it

  online {
    service  = "feast-customer"
    protocol = "grpc"
  }
}

feature_store "transaction-features" {
  owner          = "feature-platform@acme.example"
  classification = "confidential"
  environments   = [environment.dev, environment.prod]
  labels         = { domain = "payments", granting = "fraud, data-science" }

  online {
    service  = "feast-transaction"
    protocol = "grpc"
  }
}

feature_store "session-events" {
  owner          = "feature-platform@acme.example"
  classification = "confidential"
  environments   = [environment.dev, environment.prod]
  labels         = { domain = "behaviour", granting = "ads, data-science, recommendations" }

  online {
    service  = "session-events"
    protocol = "http"
  }
}

feature_store "market-calendar" {
  owner          = "feature-platform@acme.example"
  classification = "public"
  environments   = [environment.dev, environment.prod]

  online {
    service  = "market-calendar"
    protocol = "tcp" # a read-only Redis
  }
}

secret "warehouse-password" {
  owner          = "feature-platform@acme.example"
  classification = "confidential"
  environments   = [environment.dev, environment.prod]
  rotation       = "720h"
  labels         = { granting = "fraud, data-science, recommendations" }
}
