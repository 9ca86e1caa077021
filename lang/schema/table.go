package schema

// File returns the block types that may stand at the top of a policy file.
func File() []Block { return file }

// Find returns the block of that type.
func Find(blocks []Block, blockType string) (Block, bool) {
	for _, b := range blocks {
		if b.Type == blockType {
			return b, true
		}
	}
	return Block{}, false
}

// Attr returns the attribute of that name.
func (b *Block) Attr(name string) (*Attribute, bool) {
	for i := range b.Attrs {
		if b.Attrs[i].Name == name {
			return &b.Attrs[i], true
		}
	}
	if b.Any != nil {
		named := *b.Any
		named.Name = name
		return &named, true
	}
	return nil, false
}

// Block returns the inner block of that type.
func (b *Block) Block(blockType string) (*Block, bool) {
	for i := range b.Blocks {
		if b.Blocks[i].Type == blockType {
			return &b.Blocks[i], true
		}
	}
	return nil, false
}

var file = declaring([]Block{gatehouse, variable, locals, environment, identityProvider, workload, group, featureStore, secret, allow, deny, exception, test})

var gatehouse = Block{
	Type: "gatehouse", Static: true,
	Doc: "Makes a folder the root of a policy. Exactly one stands in a policy, in a file of its root folder; everything below belongs to it.",
	Attrs: []Attribute{
		{Name: "policy", Type: Text, Required: true, Example: `"acme-ml"`,
			Doc: "The policy's name. With the environment it is the owner of every remote object, so renaming a policy gives up what it owns."},
		{Name: "required_version", Type: Text, Example: `">= 0.3"`,
			Doc: "The versions of Gatehouse that may read this policy, as constraints joined by commas: =, !=, >, >=, <, <= and ~>. " +
				"Any other refuses the policy, and says nothing else of it."},
		{Name: "packs", Type: Texts, Default: `["baseline"]`, Example: `["baseline"]`, Doc: "Packs of built-in guardrails: baseline, soc2, strict. [] for none."},
		{Name: "guardrails", Type: Texts, Example: `["guardrails"]`, Doc: "Guardrails of your own: folders of .rego files, and OPA bundles (.tar.gz), relative to the root."},
	},
}

var environment = Block{
	Type: "environment", Label: "name", Repeat: true,
	Doc: "One trust domain: a Consul datacenter or partition, a Google Cloud project. Access never crosses environments but where an allow says across.",
	Attrs: []Attribute{
		{Name: "tier", Type: Enum, Required: true, Values: []string{"production", "staging", "development"}, Example: `"production"`,
			Doc: "How much the environment matters; guardrails ask more of production."},
		{Name: "retired", Type: Bool, Default: "false", Example: "true",
			Doc: "true takes away all access here, whatever the policy declares. Apply it before the block is deleted, so that nothing is left behind."},
	},
	Blocks: []Block{consul, google},
}

var consul = Block{
	Type: "consul",
	Doc:  "The Consul of an environment. Credentials never stand here.",
	Attrs: []Attribute{
		{Name: "address", Type: Text, Example: `"https://consul.prod.acme.example:8501"`,
			Doc: "The URL of Consul's HTTP API. Left out, CONSUL_HTTP_ADDR says where it is."},
		{Name: "datacenter", Type: Text, Example: `"dc1"`, Doc: "The datacenter, where it is not the agent's own."},
		{Name: "partition", Type: Text, Example: `"ml"`, Doc: "The admin partition (Consul Enterprise)."},
		{Name: "namespace", Type: Text, Example: `"features"`, Doc: "The namespace (Consul Enterprise)."},
		{Name: "service", Type: Template, Default: `"${name}"`, Example: `"${name}"`,
			Doc: "How workloads and stores are named here where they don't say so themselves. Sees name, environment and labels."},
	},
}

var google = Block{
	Type: "google",
	Doc:  "The Google Cloud project of an environment.",
	Attrs: []Attribute{
		{Name: "project", Type: Text, Required: true, Example: `"acme-ml-prod"`, Doc: "The project's id."},
		{Name: "project_number", Type: Text, Example: `"123456789012"`,
			Doc: "The project's number, which conditions and federated identities are written with."},
		{Name: "service_account", Type: Template, Example: `"${name}@acme-ml-prod.iam.gserviceaccount.com"`,
			Doc: "The service account of workloads that don't name one themselves. Sees name, environment and labels."},
		{Name: "secret", Type: Template, Default: `"${name}"`, Example: `"${name}"`,
			Doc: "The id of secrets that don't name one themselves. Sees name, environment and labels."},
		{Name: "dataset", Type: Template, Example: `"features_${environment}"`,
			Doc: "The id of datasets that don't name one themselves; left out, a store's name with \"_\" for every \"-\", since BigQuery takes no hyphens. " +
				"Sees name, environment and labels."},
		{Name: "ownership", Type: Enum, Values: []string{"additive", "exclusive"}, Default: `"additive"`, Example: `"additive"`,
			Doc: "additive revokes only what Gatehouse granted; exclusive makes declared secrets hold exactly what is declared."},
		{Name: "endpoint", Type: Text, Example: `"localhost:9090"`,
			Doc: "host:port of a compatible server without TLS or credentials, for tests."},
	},
}

var workload = Block{
	Type: "workload", Label: "name", Repeat: true,
	Doc: "A principal: a job or service that acts under an identity of its own in each of its environments.",
	Attrs: []Attribute{
		owner, environments,
		{Name: "identity_provider", Type: Reference, Kinds: []string{"identity_provider"}, Example: "identity_provider.google",
			Doc: "Who vouches for it when it logs in to Consul."},
		{Name: "interactive", Type: Bool, Default: "false", Example: "true", Doc: "true where a person drives it, as in a notebook."},
		labels,
	},
	Blocks: []Block{{
		Type: "in", Label: "environment", Repeat: true,
		Doc: "Where one environment differs from its templates.",
		Attrs: []Attribute{
			{Name: "service", Type: Text, Example: `"fraud-trainer"`, Doc: "The Consul service name there."},
			{Name: "service_account", Type: Text, Example: `"fraud-training@acme-ml-prod.iam.gserviceaccount.com"`, Doc: "The Google service account there."},
			overrideLabels,
		},
	}},
}

var group = Block{
	Type: "group", Label: "name", Repeat: true,
	Doc: "A set of workloads, either by label or by list. Membership is computed for each environment; a group in the list adds its members there.",
	Attrs: []Attribute{
		{Name: "match", Type: Labels, Instead: "workloads", Example: `{ stage = "training" }`, Doc: "Workloads that carry all of these labels."},
		{Name: "workloads", Type: References, Kinds: []string{"workload", "group"}, Instead: "match", Example: "[workload.a, group.b]",
			Doc: "These workloads, and the members of these groups."},
	},
}

var featureStore = Block{
	Type: "feature_store", Label: "name", Repeat: true,
	Doc:   "A feature store, with one or more surfaces to reach it by.",
	Attrs: []Attribute{owner, classification, environments, labels},
	Blocks: []Block{
		{
			Type: "online",
			Doc:  "The store's Consul service.",
			Attrs: []Attribute{
				{Name: "service", Type: Text, Example: `"feast-customer"`, Doc: "The Consul service name; left out, the environment's template."},
				{Name: "protocol", Type: Enum, Values: []string{"tcp", "http", "http2", "grpc"}, Default: `"tcp"`, Example: `"grpc"`,
					Doc: "What the service speaks."},
			},
		},
		{
			Type: "offline",
			Doc:  "The store's BigQuery dataset.",
			Attrs: []Attribute{
				{Name: "dataset", Type: Text, Example: `"features_customer"`, Doc: "The dataset's id; left out, the environment's template."},
			},
		},
		{
			Type: "in", Label: "environment", Repeat: true,
			Doc: "Where one environment differs from its templates.",
			Attrs: []Attribute{
				{Name: "service", Type: Text, Example: `"feast-customer"`, Doc: "The Consul service name there."},
				{Name: "dataset", Type: Text, Example: `"features_customer"`, Doc: "The dataset's id there."},
				{Name: "project", Type: Text, Example: `"acme-warehouse"`, Doc: "The Google Cloud project of the dataset there."},
				overrideLabels,
			},
		},
	},
}

var secret = Block{
	Type: "secret", Label: "name", Repeat: true,
	Doc: "A secret in Secret Manager. Its payload is never read.",
	Attrs: []Attribute{
		owner, classification, environments,
		{Name: "rotation", Type: Duration, Example: `"720h"`, Doc: "How often the secret has to be rotated."},
		labels,
	},
	Blocks: []Block{{
		Type: "in", Label: "environment", Repeat: true,
		Doc: "Where one environment differs from its templates.",
		Attrs: []Attribute{
			{Name: "secret", Type: Text, Example: `"warehouse-password"`, Doc: "The Secret Manager id there."},
			{Name: "project", Type: Text, Example: `"acme-shared"`, Doc: "The Google Cloud project there."},
			overrideLabels,
		},
	}},
}

var allow = Block{
	Type: "allow", Label: "name", Repeat: true,
	Doc: "Declares access, in every environment where both ends exist. What no allow gives is refused.",
	Attrs: []Attribute{
		from, to,
		{Name: "actions", Type: Words, Values: actions, Default: "[read]", Example: "[read]", Doc: "What may be done."},
		reason,
		{Name: "not_before", Type: Time, Example: `"2027-01-01T00:00:00Z"`, Doc: "The access begins at this second."},
		{Name: "expires", Type: Time, Example: `"2027-03-01T00:00:00Z"`, Doc: "The access ends before this second."},
		{Name: "environments", Type: References, Kinds: []string{"environment"}, Example: "[environment.prod]",
			Doc: "Narrows the allow to these environments."},
	},
	Blocks: []Block{across, http},
}

var deny = Block{
	Type: "deny", Label: "name", Repeat: true,
	Doc: "Takes access away, whatever allows it, in every environment of its ends.",
	Attrs: []Attribute{
		from, to,
		{Name: "actions", Type: Words, Values: actions, Example: "[write]", Doc: "What may not be done; left out, everything."},
		reason,
		{Name: "expires", Type: Time, Refused: "A deny has no end: at that moment access would widen without anybody's review. " +
			"Delete the line, and delete the deny when it has served."},
		{Name: "not_before", Type: Time, Refused: "A deny holds from the moment it is applied. Delete the line."},
		{Name: "environments", Type: References, Refused: "A deny holds in every environment of its ends, so that none is forgotten. Delete the line."},
	},
	Blocks: []Block{http},
}

var actions = []string{"read", "write"}

var (
	owner = Attribute{Name: "owner", Type: Text, Example: `"fraud-ml@acme.example"`,
		Doc: "Who answers for it. The baseline guardrails ask for one."}
	environments = Attribute{Name: "environments", Type: References, Required: true, Kinds: []string{"environment"},
		Example: "[environment.dev, environment.prod]", Doc: "Where it exists."}
	labels = Attribute{Name: "labels", Type: Labels, Example: `{ team = "fraud", stage = "training" }`,
		Doc: "Words that groups match on and templates see."}
	overrideLabels = Attribute{Name: "labels", Type: Labels, Example: `{ stage = "serving" }`,
		Doc: "Merged over the labels of the whole declaration, there."}
	classification = Attribute{Name: "classification", Type: Enum, Required: true,
		Values: []string{"public", "internal", "confidential", "restricted"}, Example: `"restricted"`,
		Doc: "How much the data matters, in rising order."}
	from = Attribute{Name: "from", Type: References, Required: true, Kinds: []string{"workload", "group"},
		Example: "[group.training]", Doc: "Who."}
	to = Attribute{Name: "to", Type: References, Required: true, Kinds: []string{"feature_store", "secret"},
		Example: "[feature_store.customer-features, secret.warehouse-password]",
		Doc:     "What. feature_store.x means all surfaces of a store, feature_store.x.online and feature_store.x.offline one of them."}
	reason = Attribute{Name: "reason", Type: Text, Example: `"nightly fraud model training"`,
		Doc: "Why, for whoever reviews the access. The baseline guardrails ask for one."}
)
