gatehouse {
  policy = "x"
  policy = "y" # want duplicate-attribute
  packs  = "baseline" # want wrong-type
}

gatehouse { # want second-policy
  policy = "z"
}

owner = "me" # want unknown-attribute

environment { # want wrong-labels
  tier = "production"
}

environment "prod" "eu" { # want wrong-labels
  tier = "prod" # want invalid-value
  consul "x" { # want wrong-labels
    adress = "http://a" # want unknown-attribute
  }
  consul { # want duplicate-block
  }
  google { # want missing-attribute
    project_number = 123456789012 # want wrong-type
    service_account = name # want wrong-type
  }
}

worklod "a" { # want unknown-block
  owner = 1
}

workload "a" {
  ownr         = "me" # want unknown-attribute
  environments = environment.prod # want wrong-type
  interactive  = "true" # want wrong-type
  labels { # want wrong-type
  }
  in = { prod = {} } # want wrong-type
  in "prod" {
    labels = { a = 1, d = "e", d = "f" } # want wrong-type duplicate-attribute
  }
  in "prod" { # want duplicate-block
  }
  allow "x" { # want unknown-block
  }
}

workload "b" { # want missing-attribute
}

workload "c" {
  environments = ["environment.prod", prod, "${environment.dev}", null] # want wrong-type wrong-type wrong-type wrong-type
  owner        = "${var.owner}"
  labels       = merge({}, {})
}

group "g" {
  match     = "a" # want wrong-type
  workloads = [for w in [workload.a] : w]
}

secret "s" { # want missing-attribute missing-attribute
  rotation = 720 # want wrong-type
  owner    = null # want wrong-type
}

allow "a" {
  from    = [var.who, local.x[0], a ? b : c]
  to      = "secret.s" # want wrong-type
  actions = ["read", raed, secret.x] # want wrong-type invalid-value wrong-type
  reason  = <<EOT
several
lines
EOT
}

deny "d" {
  from    = [workload.a]
  to      = [secret.s]
  expires = "2027-01-01T00:00:00Z" # want unknown-attribute
  action  = [read] # want unknown-attribute
}

allow "unclosed" {
  from = [workload.a # want invalid-syntax
  to   = [secret.s]

allow "whole" { # want missing-attribute
  from = [workload.a]
}

allow "comma" {
  from = [workload.a], # want invalid-syntax
  to   = [secret.s]
}

allow "equals" = { # want invalid-syntax
  from = [workload.a]
}

allow "quote" {
  reason = "not closed # want invalid-syntax
  to     = [secret.s]
}

allow "last" { # want missing-attribute missing-attribute
}
