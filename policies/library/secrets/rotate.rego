# METADATA
# title: Every secret is rotated
# description: A secret declares how often it is rotated. Where it is public or internal, that is a warning.
# custom:
#   severity: high
#   rationale: >-
#     A password that was copied into a notebook three years ago still opens the warehouse. What is never changed has to be kept by nobody, ever.
#   remedy: Set rotation to how often the secret is renewed, such as 720h, and see that it is.
#   controls: [SOC 2 CC6.1, ISO 27001 A.5.17, ISO 27001 A.8.24]
package guardrails.secrets.rotate

deny contains {"subject": secret.address, "detail": detail(secret.address, secret.classification)} if {
	some secret in unrotated
	secret.sensitivity >= 2
}

warn contains {"subject": secret.address, "detail": detail(secret.address, secret.classification)} if {
	some secret in unrotated
	secret.sensitivity < 2
}

unrotated := [r | some r in input.resources; r.kind == "secret"; r.rotation_seconds == 0]

detail(address, classification) := sprintf("%s is %s and declares no rotation", [address, classification])
