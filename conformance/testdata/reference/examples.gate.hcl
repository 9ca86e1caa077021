# What examples of single attributes refer to, beside what policy.gate.hcl declares.

workload "a" {
  environments = [environment.dev]
}

group "b" {
  workloads = [workload.a]
}

group "training" {
  match = { team = "fraud" }
}
