# METADATA
# title: Few exceptions are in force
# description: At most 20 exceptions are in force at once, and at most 5 for one guardrail.
# custom:
#   severity: medium
#   rationale: >-
#     When every second change carries an exception, approving them becomes a habit, and the one that mattered is approved with the rest. A
#     guardrail with that many exceptions is not the rule any more.
#   remedy: Mend the oldest and delete their exceptions; or, where the guardrail is wrong for you, replace it by one of your own that says what you mean.
#   controls: [SOC 2 CC3.2, SOC 2 CC5.2]
package guardrails.exceptions.few_in_force

most := 20

most_of_one := 5

active := [exception | some exception in input.exceptions; exception.active]

# Every finding needs a subject: the exception that comes last by name stands for all.
warn contains {"subject": max([e.address | some e in active]), "detail": detail} if {
	count(active) > most
	detail := sprintf("%d exceptions are in force: more than %d", [count(active), most])
}

warn contains {"subject": max(same), "detail": detail} if {
	some guardrail in {e.guardrail | some e in active}
	same := [e.address | some e in active; e.guardrail == guardrail]
	count(same) > most_of_one
	detail := sprintf("%d exceptions from %s are in force: more than %d", [count(same), guardrail, most_of_one])
}
