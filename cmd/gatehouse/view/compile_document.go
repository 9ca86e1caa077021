package view

import (
	"encoding/json"
	"slices"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
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
	NotApplied  []OmittedDoc  `json:"not_applied"` // what is declared and isn't among the objects
}

// OmittedDoc is a resource that a target doesn't apply, or doesn't where access is narrowed to requests; or an identity provider.
type OmittedDoc struct {
	Resource addr.Address   `json:"resource"`
	Lack     access.Lack    `json:"lack"`
	Surface  access.Surface `json:"surface,omitzero"`
	Lines    []LineDoc      `json:"lines"` // the allows that are not given there
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
func CompileDocument(f Findings, omitted []access.Omission) CompileDoc {
	doc := CompileDoc{Format: "gatehouse.dev/compile/v1", Policy: f.Policy, Time: f.Time, Sites: []SiteDoc{}}
	for _, p := range f.Proofs {
		site := SiteDoc{p.Environment, p.Target, []ObjectDoc{}, lossDocs(p.Losses()), []OmittedDoc{}}
		for _, o := range omittedAt(omitted, p) {
			site.NotApplied = append(site.NotApplied, OmittedDoc{o.Resource, o.Lack, o.Surface, lineDocs(sourcesOf(o.Grants))})
		}
		for _, c := range p.Desired.Containers {
			site.Objects = append(site.Objects, objectDoc(c))
		}
		doc.Sites = append(doc.Sites, site)
	}
	return doc
}

// omittedAt returns what one target doesn't apply in one environment.
func omittedAt(omitted []access.Omission, p targets.Proof) []access.Omission {
	return slices.DeleteFunc(slices.Clone(omitted), func(o access.Omission) bool { return o.Environment != p.Environment || o.Target != p.Target })
}

// sourcesOf returns the lines behind some grants, those of several actions once.
func sourcesOf(grants []access.Grant) []access.Source {
	var out []access.Source
	for i := range grants {
		for _, s := range grants[i].Sources {
			if !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
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
