package schema

var identityProvider = Block{
	Type: "identity_provider", Label: "name", Repeat: true,
	Doc: "Who vouches for workloads to Consul: an issuer of identity tokens, and the claim in them that names the workload.",
	Attrs: []Attribute{
		{Name: "environments", Type: References, Required: true, Kinds: []string{"environment"}, Example: "[environment.prod]",
			Doc: "Where Consul believes it."},
		{Name: "issuer", Type: Text, Required: true, Example: `"https://accounts.google.com"`,
			Doc: "The issuer, as its tokens and its discovery document spell it: an https URL."},
		{Name: "audiences", Type: Texts, Required: true, Example: `["consul.acme.example"]`,
			Doc: "Whom a token must be meant for. One that was made for somebody else opens nothing here."},
		{Name: "claim", Type: Text, Required: true, Example: `"email"`, Doc: "The claim that carries the workload's subject."},
		{Name: "max_ttl", Type: Duration, Example: `"15m"`,
			Doc: "How long a login may last, from one minute to a day; left out, Consul's own default."},
	},
}

var across = Block{
	Type: "across",
	Doc: "Makes the allow cross: workloads as they are in one environment reach resources as they are in another one, and nothing inside of an " +
		"environment. A mesh can't express it but where both environments are on one Consul.",
	Attrs: []Attribute{
		{Name: "from", Type: Reference, Required: true, Kinds: []string{"environment"}, Example: "environment.dev", Doc: "The workloads' environment."},
		{Name: "to", Type: Reference, Required: true, Kinds: []string{"environment"}, Example: "environment.prod", Doc: "The resources' environment."},
	},
}

var http = Block{
	Type: "http", Many: true,
	Doc: "Narrows to HTTP requests, on the online surfaces of stores that speak http, http2 or grpc. Every path of the block goes with every one " +
		"of its methods; several blocks add up. Paths are compared as the proxy normalises them.",
	Attrs: []Attribute{
		{Name: "methods", Type: Texts, Example: `["GET", "HEAD"]`, Doc: "The methods; left out, every one."},
		{Name: "paths", Type: Texts, Example: `["/v1/features"]`, Doc: "These paths, whole. Without paths, prefixes and regexes: every path."},
		{Name: "prefixes", Type: Texts, Example: `["/v1/"]`, Doc: "Paths that begin so."},
		{Name: "regexes", Type: Texts, Example: `["/v[0-9]+/features"]`, Doc: "Paths that one of these RE2 expressions matches as a whole."},
	},
}

var exception = Block{
	Type: "exception", Label: "name", Repeat: true,
	Doc: "Waives a guardrail, for named declarations, for a time, on somebody's word.",
	Attrs: []Attribute{
		{Name: "guardrail", Type: Text, Required: true, Example: `"ownership/owner-is-team"`, Doc: "The guardrail, as gatehouse guardrails list shows it."},
		{Name: "subjects", Type: References, Required: true, Example: "[secret.warehouse-password]",
			Kinds: []string{"environment", "identity_provider", "workload", "group", "feature_store", "secret", "allow", "deny", "exception"},
			Doc:   "The declarations that are excepted."},
		{Name: "reason", Type: Text, Required: true, Example: `"moves to the platform team in Q1"`, Doc: "Why."},
		{Name: "approved_by", Type: Text, Required: true, Example: `"security@acme.example"`, Doc: "Who answers for it."},
		{Name: "expires", Type: Time, Required: true, Example: `"2027-01-31T00:00:00Z"`, Doc: "From this second on the guardrail holds again."},
	},
}

var test = Block{
	Type: "test", Label: "sentence", Repeat: true,
	Doc: "Says what the policy must mean. Its label is a sentence. A test that fails makes gatehouse check and gatehouse test exit with 1.",
	Attrs: []Attribute{
		{Name: "environment", Type: Reference, Kinds: []string{"environment"}, Instead: "environments", Example: "environment.prod", Doc: "Where."},
		{Name: "environments", Type: References, Kinds: []string{"environment"}, Instead: "environment", Example: "[environment.dev, environment.prod]",
			Doc: "Where, in place of environment: in each of these."},
		from, to,
		{Name: "actions", Type: Words, Values: actions, Default: "[read]", Example: "[read]", Doc: "What is tried: each of these."},
		{Name: "at", Type: Time, Example: `"2027-01-01T00:00:00Z"`, Doc: "When; left out, the moment that the policy is checked for."},
		{Name: "expect", Type: Enum, Required: true, Values: []string{"allow", "deny"}, Example: `"deny"`,
			Doc: "allow: each from may reach each to in each environment. deny: none may."},
	},
	Blocks: []Block{http},
}
