# METADATA
# title: The limits of the remote systems are far
# description: >-
#   A resource has at most 1,200 holders in a Google project, whose policies hold 1,500 members, and at most 16,000 in a Consul, where Gatehouse
#   writes 20,000 sources into one entry.
# custom:
#   severity: medium
#   rationale: >-
#     The one job too many is added on a Friday. Google refuses the whole policy, and the revocation that was to go out with it is not made either.
#   remedy: Let many jobs that do the same run as one workload, or divide the resource.
#   controls: [SOC 2 A1.1, SOC 2 CC7.1]
package guardrails.remote.limits_are_far

most := {"google": 1200, "consul": 16000}

limit := {"google": "1,500 members in one policy", "consul": "20,000 sources in one entry"}

warn contains {"subject": resource.address, "detail": detail} if {
	some resource in input.resources
	some place in resource.places
	place.holders > most[place.target]
	detail := sprintf("%d workloads reach %s in %s: the limit is %s", [place.holders, resource.address, place.environment, limit[place.target]])
}
