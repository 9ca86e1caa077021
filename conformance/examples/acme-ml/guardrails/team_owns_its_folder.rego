# METADATA
# title: What lies in a team's folder is owned by that team
# description: The owner of a workload, a feature store or a secret is the address of the team whose folder declares it.
# custom:
#   rationale: >-
#     A folder's changes are reviewed by its team. Something that another team owns would change behind that team's back.
#   remedy: Move the declaration to the folder of the team that owns it, or correct owner.
#   controls: [SOC 2 CC8.1]
package guardrails.acme.team_owns_its_folder

owners := {
	"ads": "ads-ml@acme.example",
	"data-science": "data-science@acme.example",
	"fraud": "fraud-ml@acme.example",
	"platform": "feature-platform@acme.example",
	"recommendations": "recommendations@acme.example",
	"security": "security@acme.example",
}

deny contains {"subject": workload.address, "detail": detail} if {
	some workload in input.workloads
	detail := complaint(workload.address, workload.folder, workload.owner)
}

deny contains {"subject": resource.declaration, "detail": detail} if {
	some resource in input.resources
	detail := complaint(resource.declaration, resource.folder, resource.owner)
}

# A team may divide its folder as it likes.
complaint(address, folder, owner) := detail if {
	team := split(folder, "/")[0]
	expected := object.get(owners, team, "a team with a folder")
	owner != expected
	detail := sprintf("%s lies in %s/ and belongs to %s, not to %s", [address, team, owner, expected])
}
