# METADATA
# title: Every owner is a team that can be reached
# description: >-
#   The owner of a workload, a feature store or a secret is an e-mail address, a handle such as @acme/fraud, or an https address, such as that of a
#   team's page. What looks like one person's is warned of: a handle without a team, an address of the form first.last, and one at a provider of
#   private mail. A blank owner is not this guardrail's.
# custom:
#   severity: medium
#   rationale: >-
#     A store belongs to the data guys, or to Ann. Nobody knows who the data guys are, and Ann left in spring: the leak is found on a Saturday,
#     and there is no address to write to and nobody who may decide.
#   remedy: Set owner to the address of a team, such as fraud-ml@acme.example, or to its handle, such as @acme/fraud.
#   controls: [SOC 2 CC1.3, SOC 2 CC6.1, ISO 27001 A.5.9]
package guardrails.ownership.owner_is_team

deny contains stray(w.address, w.owner) if {
	some w in input.workloads
	w.owner in strays
}

deny contains stray(r.declaration, r.owner) if {
	some r in input.resources
	r.owner in strays
}

warn contains person(w.address, w.owner) if {
	some w in input.workloads
	w.owner in persons
}

warn contains person(r.declaration, r.owner) if {
	some r in input.resources
	r.owner in persons
}

stray(address, owner) := {"subject": address, "detail": sprintf("%s belongs to %q, which is no address or handle", [address, owner])}

person(address, owner) := {"subject": address, "detail": sprintf("%s belongs to %q, which looks like one person's", [address, owner])}

# There are far fewer owners than things that they own: each is looked at once.
owners := {w.owner | some w in input.workloads} | {r.owner | some r in input.resources}

strays := {o | some o in owners; trim_space(o) != ""; not reachable(o)}

persons := {o | some o in owners; reachable(o); personal(lower(trim_space(o)))}

# An e-mail address; @name, or @organisation/team with however many groups between; an https address.
reachable(owner) if regex.match(`^\s*([^@\s/]+@[^@\s/.]+(\.[^@\s/.]+)+|@[\w.-]+(/[\w.-]+)*|https://[^\s/]+(/\S*)?)\s*$`, owner)

# @ann is somebody, @acme/fraud are several.
personal(owner) if regex.match(`^@[^/]+$`, owner)

# ann.smith@ is a person, unless a part of it is what only a team is called.
personal(owner) if {
	regex.match(`^\p{L}+(-\p{L}+)?\.\p{L}+(-\p{L}+)?@`, owner)
	words := {word | some word in regex.split(`[.@-]`, split(owner, "@")[0])}
	count(words & team_words) == 0
}

personal(owner) if split(owner, "@")[1] in private_mail

team_words := {
	"admin", "ads", "ai", "alerts", "analytics", "api", "apps", "backend", "ci", "cloud", "compliance", "core", "data", "dev", "devops", "eng",
	"engineering", "features", "finance", "fraud", "group", "hr", "infra", "infrastructure", "it", "legal", "marketing", "ml", "mlops", "oncall",
	"operations", "ops", "owners", "payments", "platform", "product", "research", "risk", "sales", "science", "search", "sec", "security",
	"services", "squad", "sre", "staff", "support", "team", "tech", "tribe", "warehouse", "web",
}

private_mail := {
	"gmail.com", "gmx.de", "gmx.net", "googlemail.com", "hotmail.com", "icloud.com", "live.com", "mail.ru", "outlook.com", "proton.me",
	"protonmail.com", "web.de", "yahoo.com",
}
