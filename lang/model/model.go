// Package model is the resolved policy: no HCL expression is left, every reference is an address that exists, every remote name
// is computed and checked, and every node keeps the range it was written at. It holds no behaviour but look-ups, and knows no
// remote system's wire format.
//
// Slices of declarations are sorted by name, so that how blocks are spread over files never shows.
package model

import (
	"time"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/addr"
)

// Policy is everything below one gatehouse block. File names in ranges are relative to the root, with slashes.
type Policy struct {
	Name         string
	Decl         hcl.Range
	Packs        []Text // built-in guardrails; baseline, without a place, where the policy says nothing
	Guardrails   []Text // folders of the user's own rules, relative to the root
	Environments []*Environment
	Workloads    []*Workload
	Groups       []*Group
	Stores       []*FeatureStore
	Secrets      []*Secret
	Allows       []*Allow
	Denies       []*Deny
}

// Text is a string with the place it was written at.
type Text struct {
	Value string
	Range hcl.Range
}

// Ref is a resolved reference with the place it was written at.
type Ref struct {
	Addr  addr.Address
	Range hcl.Range
}

// Tier says how much an environment matters.
type Tier string

// The tiers.
const (
	Production  Tier = "production"
	Staging     Tier = "staging"
	Development Tier = "development"
)

// Classification says how much a resource's data matters.
type Classification string

// The classifications, in rising order.
const (
	Public       Classification = "public"
	Internal     Classification = "internal"
	Confidential Classification = "confidential"
	Restricted   Classification = "restricted"
)

// Action is what an allow lets a workload do.
type Action string

// The actions.
const (
	Read  Action = "read"
	Write Action = "write"
)

// Actions returns every action, in canonical order.
func Actions() []Action { return []Action{Read, Write} }

// Environment is one trust domain: a Consul datacenter or partition, a Google project. A target that it lacks is nil.
type Environment struct {
	Name    string
	Tier    Tier
	Retired bool // whatever is declared here compiles to nothing
	Consul  *Consul
	Google  *Google
	Decl    hcl.Range // the header: environment "prod"
}

// Consul says which Consul an environment is.
type Consul struct {
	Address    string // URL; empty: the connection's own variables decide
	Datacenter string
	Partition  string // Consul Enterprise
	Namespace  string // Consul Enterprise
	Decl       hcl.Range
}

// Ownership says what Gatehouse may revoke in Google's policies.
type Ownership string

// The ownership modes.
const (
	Additive  Ownership = "additive"
	Exclusive Ownership = "exclusive"
)

// Google says which Google Cloud project an environment is.
type Google struct {
	Project       string
	ProjectNumber string
	Ownership     Ownership
	Endpoint      string // host:port of a compatible server, for tests; empty: Google's own
	Decl          hcl.Range
}

// Workload is a declared principal. It exists in each of its environments under a name of that environment's systems.
type Workload struct {
	Addr        addr.Address
	Owner       Text
	Interactive bool
	Places      []WorkloadPlace // sorted by environment
	Decl        hcl.Range
}

// WorkloadPlace is a workload in one environment.
type WorkloadPlace struct {
	Environment    string
	Labels         map[string]string // the workload's own, with the environment's override merged over them
	Service        Text              // Consul service name; empty where the environment has no Consul
	ServiceAccount Text              // Google service account e-mail; empty where the environment has no Google
	Listed         hcl.Range         // the element of environments = [...]
}

// Group is a set of workloads, computed for each environment.
type Group struct {
	Addr    addr.Address
	Match   map[string]string         // nil for a group by list
	Members map[string][]addr.Address // environment → workloads, sorted
	Decl    hcl.Range
}

// FeatureStore is a declared resource with one or more surfaces.
type FeatureStore struct {
	Addr           addr.Address
	Owner          Text
	Classification Classification
	Online         *Online
	Places         []StorePlace // sorted by environment
	Decl           hcl.Range
}

// Online is a store's Consul surface.
type Online struct {
	Protocol Text // tcp, http, http2 or grpc; Range is zero where it was left to the default
	Decl     hcl.Range
}

// StorePlace is a feature store in one environment.
type StorePlace struct {
	Environment string
	Labels      map[string]string
	Service     Text // the online surface's Consul service
	Listed      hcl.Range
}

// Secret is a declared secret. Its payload is never read.
type Secret struct {
	Addr           addr.Address
	Owner          Text
	Classification Classification
	Rotation       time.Duration // zero: none declared
	Places         []SecretPlace // sorted by environment
	Decl           hcl.Range
}

// SecretPlace is a secret in one environment.
type SecretPlace struct {
	Environment string
	Labels      map[string]string
	Project     string // Google project id
	Secret      Text   // Secret Manager secret id
	Listed      hcl.Range
}

// Interval is a half-open span of UTC seconds: NotBefore is inside, Expires is not. A zero time is unbounded.
type Interval struct {
	NotBefore time.Time
	Expires   time.Time
}

// Allow declares access. It holds in every environment where both ends exist, and never crosses.
type Allow struct {
	Addr         addr.Address
	From         []Ref    // workloads and groups
	To           []Ref    // feature stores, surfaces, secrets
	Actions      []Action // canonical order, never empty
	Reason       Text
	Interval     Interval
	ExpiresAt    hcl.Range // the expires attribute; zero where there is none
	Environments []Ref     // nil: wherever both ends exist
	Decl         hcl.Range
}

// Deny takes access away, always and everywhere.
type Deny struct {
	Addr    addr.Address
	From    []Ref
	To      []Ref
	Actions []Action // nil: every action
	Reason  Text
	Decl    hcl.Range
}
