package view

import (
	"encoding/json"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/targets"
)

// CompileDoc is the answer of compile.
type CompileDoc struct {
	Format string    `json:"format"`
	Policy string    `json:"policy"`
	Time   time.Time `json:"time"`
	Sites  []SiteDoc `json:"sites"`
}

// SiteDoc is what one target should hold in one environment.
type SiteDoc struct {
	Environment string        `json:"environment"`
	Target      access.Target `json:"target"`
	Objects     []ObjectDoc   `json:"objects"`
	Losses      []LossDoc     `json:"losses"`
}

// ObjectDoc is one object, with the lines behind its items.
type ObjectDoc struct {
	targets.Key
	Body  json.RawMessage `json:"body"` // as the remote system takes it
	Items []ItemDoc       `json:"items"`
}

// ItemDoc is one item of an object.
type ItemDoc struct {
	Key   string         `json:"key"`
	Value string         `json:"value"`
	Lines []targets.Line `json:"lines,omitempty"`
}

// CompileDocument is compile's answer for machines.
func CompileDocument(f Findings) CompileDoc {
	doc := CompileDoc{Format: "gatehouse.dev/compile/v1", Policy: f.Policy, Time: f.Time, Sites: []SiteDoc{}}
	for _, p := range f.Proofs {
		site := SiteDoc{p.Environment, p.Target, []ObjectDoc{}, lossDocs(p.Losses())}
		for _, c := range p.Desired.Containers {
			site.Objects = append(site.Objects, objectDoc(c))
		}
		doc.Sites = append(doc.Sites, site)
	}
	return doc
}

func objectDoc(c targets.Container) ObjectDoc {
	o := ObjectDoc{c.Key, c.Body, []ItemDoc{}}
	for _, i := range c.Items {
		o.Items = append(o.Items, ItemDoc{i.Key, i.Value, targets.Lines(i.Why)})
	}
	return o
}

// ApplyDoc is the answer of apply.
type ApplyDoc struct {
	Format  string                  `json:"format"`
	Plan    targets.Plan            `json:"plan"`
	Results []targets.Result        `json:"results"`
	Blocked []targets.BlockedNotice `json:"blocked"`
}

// ApplyDocument is apply's answer for machines.
func ApplyDocument(p targets.Plan, o targets.Outcome) ApplyDoc {
	return ApplyDoc{"gatehouse.dev/apply/v1", p, append([]targets.Result{}, o.Results...), append([]targets.BlockedNotice{}, o.Blocked...)}
}
