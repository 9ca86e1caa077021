# METADATA
# title: Nobody both reads and writes a secret
# description: >-
#   No workload both reads a secret and adds versions to it in one environment. For public and internal secrets it is a warning.
# custom:
#   scope: grant
#   severity: high
#   rationale: >-
#     Whoever reads a credential and can replace it can lock out everybody else, or leave a key of their own behind that all other readers then
#     use and trust.
#   remedy: Let one workload rotate the secret, with write alone, and others read it.
#   controls: [SOC 2 CC6.1, ISO 27001 A.5.3, ISO 27001 A.8.24]
package guardrails.secrets.not_read_and_written

deny contains {"subject": source.allow, "detail": detail} if {
	some grant in input.grants
	grant.action == "write"
	grant.resource.kind == "secret"
	"read" in grant.held
	grant.resource.sensitivity >= 2
	some source in grant.sources
	detail := sprintf("%s lets %s write %s in %s, which it also reads", [source.allow, grant.workload.address, grant.resource.address, grant.environment.name])
}

warn contains {"subject": source.allow, "detail": detail} if {
	some grant in input.grants
	grant.action == "write"
	grant.resource.kind == "secret"
	"read" in grant.held
	grant.resource.sensitivity < 2
	some source in grant.sources
	detail := sprintf("%s lets %s write %s in %s, which it also reads", [source.allow, grant.workload.address, grant.resource.address, grant.environment.name])
}
