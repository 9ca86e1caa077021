gatehouse {
  policy           = "acme-ml"
  required_version = ">= 0.3"
  packs            = ["baseline"]
  guardrails       = ["guardrails"]
}

variable "teams" {
  type        = set(string)
  default     = ["fraud", "churn"]
  description = "The teams that train models."

  validation {
    condition     = alltrue([for team in var.teams : can(regex("^[a-z]+$", team))])
    error_message = "Teams are words in small letters."
  }
}

locals {
  data   = [feature_store.customer-features.online, secret.warehouse-password]
  labels = { stage = "training" }
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
    dataset         = "features_${environment}_${labels.domain}"
    ownership       = "exclusive"
  }
}

identity_provider "google" {
  environments = [environment.dev, environment.prod]
  issuer       = "https://accounts.google.com"
  audiences    = ["consul.acme.example"]
  claim        = "email"
  max_ttl      = "15m"
}

workload "fraud-trainer" {
  owner             = "fraud-ml@acme.example"
  environments      = [environment.dev, environment.prod]
  identity_provider = identity_provider.google
  interactive       = false
  labels            = { team = "fraud", stage = "training" }

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

group "reviewed" {
  workloads = [workload.scratch-notebooks, group.trainers]
}

feature_store "customer-features" {
  owner          = "feature-platform@acme.example"
  classification = "restricted"
  environments   = [environment.dev, environment.prod]
  labels         = { team = "platform", domain = "customer" }

  online {
    service  = "feast-customer"
    protocol = "grpc"
  }
  offline {
    dataset = "features_customer"
  }

  in "prod" {
    service = "feast-customer-v2"
    dataset = "features_customer_v2"
    project = "acme-warehouse"
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

allow "statistics" {
  from   = [workload.scratch-notebooks]
  to     = [feature_store.customer-features.online]
  reason = "the notebooks show how fresh the features are"

  http {
    methods  = ["GET"]
    paths    = ["/v1/statistics"]
    prefixes = ["/v1/freshness/"]
  }
  http {
    methods = ["HEAD"]
    regexes = ["/v[0-9]+/status"]
  }
}

allow "dry-run-password" {
  from   = [workload.fraud-trainer]
  to     = [secret.warehouse-password]
  reason = "dry runs in dev read the warehouse of prod"

  across {
    from = environment.dev
    to   = environment.prod
  }
}

deny "no-scratch-on-restricted" {
  from    = [workload.scratch-notebooks]
  to      = [feature_store.customer-features.offline]
  actions = [read, write]
  reason  = "notebooks are not reviewed"
}

deny "no-administration" {
  from   = [group.fraud]
  to     = [feature_store.customer-features.online]
  reason = "the platform team administers its stores"

  http {
    methods  = ["DELETE", "POST", "PUT"]
    paths    = ["/v1/schema"]
    prefixes = ["/v1/admin/"]
    regexes  = ["/v[0-9]+/features/[a-z]+/drop"]
  }
}

exception "old-rotation" {
  guardrail   = "secrets/rotate-in-time"
  subjects    = [secret.warehouse-password]
  reason      = "the warehouse gets short-lived credentials in Q1"
  approved_by = "security@acme.example"
  expires     = "2027-01-31T00:00:00Z"
}

test "notebooks never read raw features" {
  environments = [environment.dev, environment.prod]
  from         = [workload.scratch-notebooks]
  to           = [feature_store.customer-features.offline]
  actions      = [read, write]
  at           = "2027-01-01T00:00:00Z"
  expect       = "deny"
}

test "the statistics are open to notebooks" {
  environment = environment.dev
  from        = [workload.scratch-notebooks]
  to          = [feature_store.customer-features.online]
  expect      = "allow"

  http {
    methods  = ["GET"]
    paths    = ["/v1/statistics"]
    prefixes = ["/v1/freshness/today/"]
  }
  http {
    methods = ["HEAD"]
    regexes = ["/v[0-9]+/status"]
  }
}
