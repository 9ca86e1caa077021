// Package drift says in which ways reality and policy differ: the drift report's data, not its rendering. It reads and never writes.
//
// Textual rows (missing, changed, extra, stale) come from the same diff as a plan. Effective rows (bypass, and missing access without a
// missing object) come from the closure of what all targets' interpreters say about what is live, compared with what was declared. A
// difference that an apply would heal is told by the textual rows of the containers that govern its surface: by those whose item names the
// principal, else by those that go the same way, else by all. What would still differ after an apply is a row of its own, unless a
// container that an apply must leave alone (foreign, another policy's) is behind it: then that container's row tells it.
//
// Severity decides the exit code: drift is 2. Notes are what nobody has to get up for at night: a leak, which the policy itself
// declares, and a posture that is a mere default of the remote system. Everything else is drift, what could not be read included.
package drift

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/targets"
)

// Kind is a way in which reality and policy differ.
type Kind string

// The kinds, in the order in which a container's rows stand.
const (
	Missing Kind = "missing" // declared, and not there; or there, and without effect
	Changed Kind = "changed" // there, but not as declared; or without our mark
	Extra   Kind = "extra"   // there, and not declared
	Stale   Kind = "stale"   // there, though the allow behind it has ended
	Bypass  Kind = "bypass"  // access that nothing of ours gives
	Leak    Kind = "leak"    // several workloads are one principal
	Posture Kind = "posture" // the remote system's own settings weaken the policy
	Unknown Kind = "unknown" // what could not be read
)

// Kinds returns every kind, in order.
func Kinds() []Kind {
	return []Kind{Missing, Changed, Extra, Stale, Bypass, Leak, Posture, Unknown}
}

// Severity says whether a row is drift.
type Severity string

// The severities.
const (
	Drift Severity = "drift"
	Note  Severity = "note"
)

// Access is what a row means.
type Access struct {
	Gives []access.Edge `json:"gives,omitempty"` // reality gives it, the policy doesn't
	Lacks []access.Edge `json:"lacks,omitempty"` // the policy gives it, reality doesn't
}

// Row is one difference.
type Row struct {
	Kind        Kind           `json:"kind"`
	Severity    Severity       `json:"severity"`
	Environment string         `json:"environment"`
	Target      access.Target  `json:"target"`
	Object      targets.Key    `json:"object,omitzero"` // zero where no single object is behind it
	Item        string         `json:"item,omitempty"`  // empty: the container as a whole
	Detail      string         `json:"detail"`          // a sentence: what differs
	Access      Access         `json:"access,omitzero"`
	Since       time.Time      `json:"since,omitzero"`  // zero where it isn't known
	Lines       []targets.Line `json:"lines,omitempty"` // the policy lines behind it
	Remedy      string         `json:"remedy"`          // a sentence: what to do
}

// ReportFormat names a report's JSON form and its version.
const ReportFormat = "gatehouse.dev/drift/v1"

// Report is all drift of some sites at one moment. Rows are sorted by environment, target, object, item, kind and detail.
type Report struct {
	Format string       `json:"format"`
	Policy string       `json:"policy"`
	Time   time.Time    `json:"time"`
	Rows   []Row        `json:"rows"`
	Counts map[Kind]int `json:"counts"` // of all rows, notes included; a kind without rows is left out
}

// Drifted reports whether any row is more than a note: the command exits with 2.
func (r Report) Drifted() bool {
	return slices.ContainsFunc(r.Rows, func(row Row) bool { return row.Severity == Drift })
}

// Options narrow a report.
type Options struct {
	Quiet bool // leave notes out
}

// Look reads every site and reports its drift. A site that can't be read, or whose list was filtered, fails the whole report: it would
// otherwise say clean of what nobody saw. A failed proof is a *targets.UnprovenError.
func Look(ctx context.Context, sites []targets.Site, g *access.Graph, at time.Time, o Options) (Report, error) {
	views, err := targets.ObserveAll(ctx, sites, g, at)
	if err != nil {
		return Report{}, err
	}
	r := Report{Format: ReportFormat, Policy: g.Policy, Time: at.UTC().Truncate(time.Second), Rows: []Row{}, Counts: map[Kind]int{}}
	surveys, err := survey(views, g)
	if err != nil {
		return Report{}, err
	}
	for _, s := range surveys {
		r.Rows = append(r.Rows, s.rows()...)
	}
	r.Rows = append(r.Rows, leaks(views, g)...)
	if o.Quiet {
		r.Rows = slices.DeleteFunc(r.Rows, func(row Row) bool { return row.Severity == Note })
	}
	slices.SortStableFunc(r.Rows, compareRows)
	for _, row := range r.Rows {
		r.Counts[row.Kind]++
	}
	return r, nil
}

func compareRows(a, b Row) int {
	return cmp.Or(
		strings.Compare(a.Environment, b.Environment),
		strings.Compare(string(a.Target), string(b.Target)),
		targets.CompareKey(a.Object, b.Object),
		strings.Compare(a.Item, b.Item),
		cmp.Compare(slices.Index(Kinds(), a.Kind), slices.Index(Kinds(), b.Kind)),
		strings.Compare(a.Detail, b.Detail),
	)
}
