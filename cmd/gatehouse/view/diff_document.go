package view

import (
	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// DiffDoc is the answer of diff.
type DiffDoc struct {
	Format string       `json:"format"`
	Gained []DiffRowDoc `json:"gained"`
	Lost   []DiffRowDoc `json:"lost"`
}

// DiffRowDoc is access that one of two policies lacks.
type DiffRowDoc struct {
	Environment    string               `json:"environment"`
	Tier           model.Tier           `json:"tier"`
	Workloads      []addr.Address       `json:"workloads"`
	Principal      access.Principal     `json:"principal"`
	Action         model.Action         `json:"action"`
	Resource       addr.Address         `json:"resource"`
	Classification model.Classification `json:"classification"`
	Surface        access.Surface       `json:"surface"`
	When           access.Spans         `json:"when"`
	Lines          []LineDoc            `json:"lines"`
}

// DiffDocument is diff's answer for machines.
func DiffDocument(d access.GraphDelta) DiffDoc {
	return DiffDoc{Format: "gatehouse.dev/diff/v1", Gained: diffDocs(d.Gained), Lost: diffDocs(d.Lost)}
}

func diffDocs(rows []access.DeltaRow) []DiffRowDoc {
	out := []DiffRowDoc{}
	for _, r := range rows {
		out = append(out, DiffRowDoc{r.Environment, r.Tier, r.Workloads, r.Principal, r.Action, r.Resource, r.Classification, r.Surface, r.Spans, lineDocs(r.Sources)})
	}
	return out
}
