# METADATA
# title: No identity is shared between tiers
# description: >-
#   A remote identity stands for workloads of one tier only. Sharing one within a tier is a warning.
# custom:
#   severity: critical
#   rationale: >-
#     Development and production share a service account because that was quicker. A notebook in development is taken over, and reads
#     production with the very identity that production trusts. Within a tier, two workloads with one identity have each other's access.
#   remedy: Give each workload an identity of its own in each environment, by a template or in its in block.
#   controls: [SOC 2 CC6.1, SOC 2 CC6.6, ISO 27001 A.8.31]
package guardrails.identity.not_shared_between_tiers

deny contains {"subject": holder.workload, "detail": detail} if {
	some leak in input.leaks
	tiers := {h.tier | some h in leak.holders}
	count(tiers) > 1
	some holder in leak.holders
	detail := sprintf("%s %s is one identity in the tiers %s", [leak.principal.target, leak.principal.name, concat(" and ", sort(tiers))])
}

warn contains {"subject": holder.workload, "detail": detail} if {
	some leak in input.leaks
	tiers := {h.tier | some h in leak.holders}
	count(tiers) == 1
	some holder in leak.holders
	detail := sprintf("%s %s is shared by %d workloads and environments of one tier", [leak.principal.target, leak.principal.name, count(leak.holders)])
}
