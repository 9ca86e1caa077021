// Package access is the access graph: who may reach what, in which environment, for which action and when, and which lines of the
// policy say so. It is what guardrails judge, what targets compile, and what interpreters are compared with.
//
// Two stages are types of their own. Grant speaks of the policy's nouns (a workload, a surface). Edge speaks of a remote system's
// (a principal, a remote surface). Lower takes the first to the second, and Losses says what was lost on the way.
//
// Everything is a pure function of (policy, time). Canonical order holds everywhere: equal access is equal data.
package access

import (
	"time"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// Graph is the declared access of a policy: after groups are expanded and denies subtracted.
type Graph struct {
	Policy       string
	Environments []Environment // by name
	Workloads    []Workload    // by address
	Resources    []Resource    // by address, surface by surface
	Grants       []Grant       // canonical: by environment, workload, surface, action, origin, request
	Cuts         []Cut         // what denies took from allows, in the order of Grants
	Denies       []Deny        // every deny of the policy, by name
	Leaks        []Leak        // principals that several workloads share

	// What the graph carries along, as it was resolved, for guardrails and tests. By address; tests by place.
	Groups     []*model.Group
	Providers  []*model.IdentityProvider
	Exceptions []*model.Exception
	Tests      []*model.Test
}

// Environment is a trust domain and what is known of its targets.
type Environment struct {
	Name    string
	Tier    model.Tier
	Retired bool          // nothing exists here any more: no workload, no resource. What was written still has to leave
	Consul  *model.Consul // nil: no mesh
	Google  *model.Google // nil: no cloud project
	Decl    hcl.Range
}

// Workload is a declared principal with its remote names.
type Workload struct {
	Addr        addr.Address
	Owner       string
	Interactive bool
	Provider    addr.Address    // an identity_provider; zero where none is named
	Places      []WorkloadPlace // by environment
	Decl        hcl.Range
}

// WorkloadPlace is a workload in one environment; Principals has one for each of the environment's targets.
type WorkloadPlace struct {
	Environment string
	Labels      map[string]string
	Principals  []Principal // by target
}

// Resource is one surface: feature_store.x.online, or secret.x.
type Resource struct {
	Addr           addr.Address
	Owner          string
	Classification model.Classification
	Protocol       string          // online surfaces: tcp, http, http2 or grpc; empty where the policy leaves it to the mesh
	Rotation       time.Duration   // secrets: zero where none is declared
	Places         []ResourcePlace // by environment
	Decl           hcl.Range
}

// ResourcePlace is a surface in one environment.
type ResourcePlace struct {
	Environment string
	Labels      map[string]string
	Surface     Surface
}

// Grant is declared access that holds: a workload, a surface, an action, a pattern of requests, in one environment, over time. The fields
// before Spans are its identity, but for Except, which follows from the denies.
//
// Equal access is equal data, however it is written: of grants of the same workload, resource and action no two have the same path at any moment,
// none has methods that a grant of a wider path has then, and none those that are denied for its whole path. So a method that is given for longer
// than others is a grant of its own after these have ended.
type Grant struct {
	Environment string // the resource's
	Origin      string // the workload's: the same environment, but for an allow across
	Workload    addr.Address
	Resource    addr.Address // with its surface
	Action      model.Action
	Request     model.Request   // zero: every request
	Except      []model.Request // denied requests that overlap with Request, of its own methods; in canonical form
	Spans       Spans           // canonical: sorted, disjoint, not touching; never empty
	Sources     []Source        // the lines behind it, by allow
}

// Source is one allow's part in a grant.
type Source struct {
	Allow  addr.Address
	Decl   hcl.Range // the allow's header
	From   model.Ref // the element of from: the workload itself, or a group that holds it
	To     model.Ref // the element of to
	Reason string
	Span   Span
}

// Cut is access that an allow declares and a deny takes away.
type Cut struct {
	Environment string
	Origin      string // as of a Grant
	Workload    addr.Address
	Resource    addr.Address
	Action      model.Action
	Request     model.Request // zero: every request
	Sources     []Source      // the allows
	Denies      []DenySource
}

// DenySource is one deny's part in a cut.
type DenySource struct {
	Deny   addr.Address
	Decl   hcl.Range
	From   model.Ref
	To     model.Ref
	Reason string
}

// Deny is a declared deny, with its ends expanded.
type Deny struct {
	Addr      addr.Address
	Reason    string
	Workloads []addr.Address  // sorted
	Resources []addr.Address  // surfaces, sorted
	Actions   []model.Action  // every one, where the policy names none
	Requests  []model.Request // canonical order; nil: every request
	Decl      hcl.Range
}

// Leak is one principal that stands for several workloads, or for one in several environments.
type Leak struct {
	Principal Principal
	Holders   []Holder // two or more, by environment and workload
}

// Holder is a workload in an environment.
type Holder struct {
	Environment string
	Workload    addr.Address
	Range       hcl.Range // where its remote name comes from
}

// Target names a remote system.
type Target string

// The remote systems that names belong to.
const (
	Consul Target = "consul"
	Google Target = "google"
)

// Principal is who a remote system sees. Comparable.
type Principal struct {
	Target Target `json:"target"`
	Realm  string `json:"realm"` // where the name is unique: for Consul RealmOf its environment; for Google "", since accounts are global
	Name   string `json:"name"`  // a service name; a member such as serviceAccount:x@y; or Anyone
}

// Anyone is the name of the symbolic principal that stands for everybody else: whoever no object and no policy names.
const Anyone = "*"

// Surface is what a remote system guards. Comparable.
type Surface struct {
	Target Target `json:"target"`
	Realm  string `json:"realm"`
	Kind   string `json:"kind"` // "service", "secret", "dataset"
	Name   string `json:"name"`
}

// Verb is an action as a remote system knows it: what is left of read and write once a target has merged them.
type Verb string

// The verbs.
const (
	Connect   Verb = "connect" // open a connection to a mesh service
	ReadData  Verb = "read"    // read a secret's payload, a dataset's rows
	WriteData Verb = "write"   // add a secret's version, write a dataset's rows
)

// Edge is one piece of access as a remote system sees it: From reaches To, or acts as another principal.
type Edge struct {
	From     Principal `json:"from"`
	Except   []string  `json:"except,omitempty"` // with From.Name == Anyone: the names, sorted, that this edge does not speak of
	To       Surface   `json:"to"`               // what is reached; zero where ActsAs is set
	ActsAs   Principal `json:"acts_as,omitzero"` // whom From can become; zero where To is set
	Verb     Verb      `json:"verb"`
	Requests string    `json:"requests,omitempty"` // canonical text of a narrowing to certain requests; empty: all of them
	Spans    Spans     `json:"when"`
	Via      []Step    `json:"via,omitempty"` // how the edge comes about; not part of its identity
}

// Step is one object, or one rule of the remote system, behind an edge.
type Step struct {
	Object string `json:"object,omitempty"` // the remote object, such as service-intentions/feast-customer; empty for a rule without one
	Detail string `json:"detail"`           // such as: source "fraud-trainer" allows
}

// Span is a half-open interval of UTC seconds since 1970: Start is inside, End is not.
type Span struct {
	Start int64
	End   int64
}

// The ends of an unbounded Span.
const (
	MinTime int64 = -1 << 62
	MaxTime int64 = 1<<62 - 1
)

// Always is the unbounded span.
var Always = Span{MinTime, MaxTime}

// Spans is a set of seconds in canonical form: sorted, disjoint, not touching, none empty.
type Spans []Span

// LossKind says what a target could not express.
type LossKind string

// The losses that Losses reports.
const (
	LossSharedIdentity   LossKind = "shared-identity"   // several workloads are one principal there
	LossCoarseAction     LossKind = "coarse-action"     // read alone becomes a verb that includes write, or the reverse
	LossUnenforcedExpiry LossKind = "unenforced-expiry" // the target has no clock: access ends when apply next runs
)

// Loss is one way in which a target gives more than was declared.
type Loss struct {
	Kind        LossKind
	Environment string
	Target      Target
	Principal   Principal
	Surface     Surface        // zero for a shared identity
	Workloads   []addr.Address // whose grants are concerned
	Detail      string
	Sources     []Source
}

// Capabilities is what a target can express.
type Capabilities struct {
	Target Target
	Kinds  []string // of Surface that it guards, such as "service"
	Clock  bool     // grants carry their interval; otherwise only what holds at the moment is written
	Verbs  map[model.Action]Verb

	// Logins: it sets up who may log in to it, as identity providers say. Otherwise Unapplied lists these.
	Logins bool

	// Requests: it can narrow access to certain requests. Otherwise a narrowed grant is not given at all; Unapplied lists them.
	Requests bool
}
