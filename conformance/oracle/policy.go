// Package oracle says what a policy means, slowly and obviously: it asks of every workload, resource, action and moment whether some allow
// gives it and no deny takes it, by reading the language's rules aloud. It is what the compiler is compared with, and so it imports
// nothing of Gatehouse: a rule that both had wrong in one function would never be found.
//
// It works on a form of policy of its own, which can be printed in both syntaxes. It is not a parser, reports no places, and computes
// everything anew for each question: a policy of a dozen blocks is what it is for.
package oracle

// Policy is what a policy says, block by block.
type Policy struct {
	Environments []Environment
	Workloads    []Workload
	Groups       []Group
	Stores       []Store
	Secrets      []Secret
	Allows       []Allow
	Denies       []Deny
}

// Environment is a trust domain; a system that it lacks is nil.
type Environment struct {
	Name, Tier string
	Retired    bool // nothing is here any more
	Consul     *Consul
	Google     *Google
}

// Consul is an environment's mesh.
type Consul struct {
	Address, Datacenter string
	Service             Template // nil: the language's own
}

// Google is an environment's cloud project.
type Google struct {
	Project                string
	ServiceAccount, Secret Template // nil: the language's own
	Dataset                Template // nil: the store's name, with "_" for "-"
}

// Template makes remote names.
type Template []Part

// Part is text, or the name of a variable: name, environment, labels.KEY.
type Part struct{ Text, Variable string }

// Workload is a principal.
type Workload struct {
	Name         string
	Environments []string
	Labels       map[string]string
	In           []Override
}

// Override is how one environment differs. Fields that don't belong to the thing stay empty, and empty ones are not written.
type Override struct {
	Environment                                       string
	Service, ServiceAccount, Secret, Project, Dataset string
	Labels                                            map[string]string
}

// Group is a set of workloads: by labels, or where Match is nil by list, which may hold other groups.
type Group struct {
	Name      string
	Match     map[string]string
	Workloads []string // addresses
}

// Store is a feature store; without a surface there is nothing to reach it by.
type Store struct {
	Name         string
	Environments []string
	Labels       map[string]string
	Online       *Online
	Offline      *Offline
	In           []Override
}

// Online is a store's surface in the mesh; empty fields are not written.
type Online struct{ Service, Protocol string }

// Offline is a store's surface in the warehouse; an empty dataset is not written.
type Offline struct{ Dataset string }

// Secret is a secret.
type Secret struct {
	Name         string
	Environments []string
	Labels       map[string]string
	In           []Override
}

// Allow gives access.
type Allow struct {
	Name         string
	From, To     []string // addresses
	Actions      []string // nil: not written
	NotBefore    int64    // seconds since 1970; 0: not written
	Expires      int64
	Environments []string // nil: not written
	Across       *Across  // nil: it stays inside of environments
	HTTP         []HTTP   // nil: every request
}

// Across makes an allow cross from one environment to another, both by name.
type Across struct{ From, To string }

// HTTP narrows a rule to requests: each path, prefix and expression with each method. Nil lists are not written.
type HTTP struct{ Methods, Paths, Prefixes, Regexes []string }

// Deny takes access away.
type Deny struct {
	Name     string
	From, To []string
	Actions  []string // nil: not written
	HTTP     []HTTP   // nil: every request
}
