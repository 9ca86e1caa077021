# What the security team forbids, whatever a team allows itself.

group "driven-by-people" {
  workloads = [workload.ds-notebooks]
}

workload "access-auditor" {
  owner        = "security@acme.example"
  environments = [environment.prod]
  labels       = { team = "security", stage = "monitoring" }
}

secret "payments-signing-key" {
  owner          = "security@acme.example"
  classification = "restricted"
  environments   = [environment.prod]
  rotation       = "2160h"
}

allow "audit-of-segments" {
  from         = [workload.access-auditor]
  to           = [feature_store.audience-segments]
  environments = [environment.prod]
  reason       = "samples segments for attributes that advertising must not use"
  expires      = "2027-12-31T00:00:00Z"
}

deny "no-people-on-restricted-data" {
  from   = [group.driven-by-people]
  to     = [feature_store.customer-features, feature_store.audience-segments, secret.payments-signing-key]
  reason = "notebooks are not reviewed, and copies of their output are not tracked"
}
