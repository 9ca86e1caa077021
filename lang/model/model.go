// Package model is the resolved policy: no HCL expression is left, every reference is an address that exists, every remote name
// is computed and checked, and every node keeps the range it was written at. It holds no behaviour but look-ups and the comparing of
// requests, and knows no remote system's wire format.
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
	Guardrails   []Text // folders or bundles of the user's own rules, relative to the root
	Environments []*Environment
	Providers    []*IdentityProvider
	Workloads    []*Workload
	Groups       []*Group
	Stores       []*FeatureStore
	Secrets      []*Secret
	Allows       []*Allow
	Denies       []*Deny
	Exceptions   []*Exception
	Tests        []*Test // sorted by place: their names are sentences
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

// IdentityProvider is who vouches for workloads to Consul: an issuer of tokens, and the claim in them that names the workload.
type IdentityProvider struct {
	Addr         addr.Address
	Environments []Ref
	Issuer       Text          // an https URL
	Audiences    []Text        // whom the tokens must be meant for; never empty
	Claim        Text          // the claim that carries the workload's subject
	MaxTTL       time.Duration // of a login; zero: Consul's own default
	Decl         hcl.Range
}

// Workload is a declared principal. It exists in each of its environments under a name of that environment's systems.
type Workload struct {
	Addr        addr.Address
	Owner       Text
	Interactive bool
	Provider    Ref             // an identity_provider; the zero Ref where none is named
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
	Listed  []Ref                     // workloads and groups; nil for a group by match, empty for one that names only what declares nothing, which was warned of
	Members map[string][]addr.Address // environment → workloads, sorted
	Decl    hcl.Range
}

// FeatureStore is a declared resource with one or more surfaces.
type FeatureStore struct {
	Addr           addr.Address
	Owner          Text
	Classification Classification
	Online         *Online
	Offline        *Offline
	Places         []StorePlace // sorted by environment
	Decl           hcl.Range
}

// Offline is a store's warehouse surface: a BigQuery dataset.
type Offline struct {
	Decl hcl.Range
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
	Service     Text   // the online surface's Consul service
	Project     string // Google project id of the offline surface; empty without one
	Dataset     Text   // the offline surface's BigQuery dataset
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
	ExpiresAt    hcl.Range   // the expires attribute; zero where there is none
	Environments []Ref       // nil: wherever both ends exist
	Across       *Across     // nil: the allow stays inside of each environment
	Requests     []Request   // canonical order; nil: every request
	RequestsAt   []hcl.Range // where each of Requests is written
	Decl         hcl.Range
}

// Across makes an allow cross: the workloads of one environment reach the resources of another, and nothing else is given.
type Across struct {
	From Ref // an environment
	To   Ref // another one
	Decl hcl.Range
}

// PathKind says how a request's path is compared.
type PathKind string

// The kinds of path patterns. They are kept apart: none is ever rewritten as another, but for the prefix "/", which is PathAny.
const (
	PathAny    PathKind = ""       // every path
	PathExact  PathKind = "exact"  // the whole path, as text
	PathPrefix PathKind = "prefix" // paths that begin with the text
	PathRegex  PathKind = "regex"  // paths that an RE2 expression matches as a whole
)

// Request is a pattern of HTTP requests: what an http block says of one path. The zero Request is every request. Two patterns are the
// same where they print the same.
type Request struct {
	Methods string // upper-case, sorted, with "," between; empty: every method. Text, so that requests compare with ==
	Kind    PathKind
	Path    string
}

// Deny takes access away, always and everywhere.
type Deny struct {
	Addr       addr.Address
	From       []Ref
	To         []Ref
	Actions    []Action // nil: every action
	Reason     Text
	Requests   []Request   // canonical order; nil: every request
	RequestsAt []hcl.Range // where each of Requests is written
	Decl       hcl.Range
}

// Exception waives a guardrail for named subjects, for a time, on somebody's word.
type Exception struct {
	Addr       addr.Address
	Guardrail  Text  // such as ownership/owner-is-team
	Subjects   []Ref // declarations of any kind
	Reason     Text
	ApprovedBy Text
	Expires    time.Time
	ExpiresAt  hcl.Range
	Decl       hcl.Range
}

// Expectation is what a test says of access.
type Expectation string

// The expectations.
const (
	ExpectAllow Expectation = "allow"
	ExpectDeny  Expectation = "deny"
)

// Test is an expectation about the access that the policy declares: of every pair of its ends, in every one of its environments.
type Test struct {
	Name         Text  // a sentence
	Environments []Ref // at least one
	From         []Ref // workloads and groups
	To           []Ref // feature stores, surfaces, secrets
	Actions      []Action
	Requests     []Request // nil: every request
	At           time.Time // zero: the moment that the policy is compiled for
	Expect       Expectation
	Decl         hcl.Range
}
