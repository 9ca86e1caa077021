package policies

import (
	"cmp"
	"path"
	"slices"

	"gatehouse/compiler/access"
	"gatehouse/lang/model"
)

// JudgeChange is a built-in guardrail, or a folder or bundle of the user's own, that judges one of two policies alone.
type JudgeChange struct {
	Name string      `json:"name"` // an id, or the folder as the policy names it
	Fate access.Fate `json:"fate"` // added or removed
}

// DiffJudges returns what judges one of two policies alone, sorted by name: a pack that is left out takes its guardrails with it, unless another
// one holds them. The text of the user's own rules is not compared. A policy that is nil is judged by nothing.
func DiffJudges(before, after *model.Policy) []JudgeChange {
	var out []JudgeChange
	old, now := judgesOf(before), judgesOf(after)
	for name := range old {
		if !now[name] {
			out = append(out, JudgeChange{name, access.Removed})
		}
	}
	for name := range now {
		if !old[name] {
			out = append(out, JudgeChange{name, access.Added})
		}
	}
	slices.SortFunc(out, func(a, b JudgeChange) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func judgesOf(p *model.Policy) map[string]bool {
	out := map[string]bool{}
	if p == nil {
		return out
	}
	for _, pack := range p.Packs {
		for _, id := range Pack(pack.Value) {
			out[id] = true
		}
	}
	for _, folder := range p.Guardrails {
		out[path.Clean(folder.Value)] = true
	}
	return out
}
