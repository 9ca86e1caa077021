# METADATA
# title: Secrets are rotated often enough for their class
# description: >-
#   A restricted secret is rotated at least every 90 days, a confidential one every 180, any other every 366; for the latter it is a warning.
# custom:
#   severity: medium
#   rationale: >-
#     A leaked key is used for as long as it works. A rotation of five years is on paper, and the key that left with a former colleague opens the door
#     until then.
#   remedy: Shorten rotation to what the class asks for (2160h, 4320h, 8784h), and the rotation out there with it.
#   controls: [SOC 2 CC6.1, ISO 27001 A.5.17, ISO 27001 A.8.24]
package guardrails.secrets.rotate_in_time

days := {"restricted": 90, "confidential": 180, "internal": 366, "public": 366}

deny contains {"subject": secret.address, "detail": detail(secret.address, secret.classification, secret.rotation_seconds)} if {
	some secret in slow
	secret.sensitivity >= 2
}

warn contains {"subject": secret.address, "detail": detail(secret.address, secret.classification, secret.rotation_seconds)} if {
	some secret in slow
	secret.sensitivity < 2
}

slow := [r | some r in input.resources; r.kind == "secret"; r.rotation_seconds > days[r.classification] * 86400]

detail(address, classification, rotation) := sprintf("%s is %s and rotated every %d days: more than %d", [address, classification, floor(rotation / 86400), days[classification]])
