# METADATA
# title: Access is granted by whom it belongs to
# description: >-
#   An allow lies in the folder of the resource, in a folder above it, or, unless that is the root, below it. Elsewhere it needs the owner's word: the
#   resource's label granting names the allow's folder, or one above it.
# custom:
#   scope: grant
#   severity: high
#   rationale: >-
#     A folder's changes are reviewed by the team that owns it. When an allow in a team's own folder opens what another team owns, the team has
#     granted itself the access, and the owner learns of it from the logs.
#   remedy: >-
#     Move the allow to the folder of the resource; or let the resource's owner name your folder in the resource's labels, as in labels = { granting = "fraud, ads" },
#     so that your allows speak for them.
#   controls: [SOC 2 CC6.1, SOC 2 CC6.3, SOC 2 CC8.1, ISO 27001 A.5.3]
package guardrails.ownership.granted_by_owner

deny contains {"subject": source.allow, "detail": detail} if {
	some grant in input.grants
	home := grant.resource.folder
	granting := object.get(grant.resource.labels, "granting", "")
	some source in grant.sources
	source.folder != home
	not near(source.folder, home)
	not named(source.folder, granting)
	detail := sprintf("%s, in %s, gives access to %s, which lies in %s and is %s's to give", [source.allow, source.folder, grant.resource.declaration, home, grant.resource.owner])
}

near(".", _)

near(folder, home) if startswith(home, concat("", [folder, "/"]))

near(folder, home) if startswith(folder, concat("", [home, "/"]))

named(folder, granting) if {
	granting != ""
	some name in regex.split(`[\s,]+`, granting)
	within(folder, trim_right(name, "/"))
}

within(folder, name) if {
	name != ""
	folder == name
}

within(folder, name) if {
	name != ""
	startswith(folder, concat("", [name, "/"]))
}
