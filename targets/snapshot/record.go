package snapshot

import (
	"encoding/json"

	"gatehouse/compiler/access"
	"gatehouse/targets"
)

// container is a live targets.Container as the file holds it.
type container struct {
	Key      targets.Key      `json:"key"`
	Body     json.RawMessage  `json:"body"`
	Version  targets.Token    `json:"version"` // the remote system's: a modify index, an etag
	Owner    targets.Owner    `json:"owner,omitzero"`
	Items    []item           `json:"items"`
	Governs  []access.Surface `json:"governs"`
	Requires []targets.Key    `json:"requires,omitempty"`
	Whole    bool             `json:"whole,omitempty"`
	Shared   bool             `json:"shared,omitempty"`
	Residual bool             `json:"residual,omitempty"`
}

type item struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	Ours  bool   `json:"ours,omitempty"` // a claim of ours stood on it
}

type unknown struct {
	What   string `json:"what"`
	Reason string `json:"reason"`
}

func record(c targets.Container) container {
	out := container{
		Key: c.Key, Body: c.Body, Version: c.Token, Owner: c.Owner, Items: []item{}, Governs: append([]access.Surface{}, c.Governs...),
		Requires: c.Requires, Whole: c.Whole, Shared: c.Shared, Residual: c.Residual,
	}
	for _, i := range c.Items {
		out.Items = append(out.Items, item{i.Key, i.Value, i.Ours})
	}
	return out
}

func (c container) live() targets.Container {
	out := targets.Container{
		Key: c.Key, Body: compact(c.Body), Token: c.Version, Owner: c.Owner, Governs: c.Governs,
		Requires: c.Requires, Whole: c.Whole, Shared: c.Shared, Residual: c.Residual,
	}
	for _, i := range c.Items {
		out.Items = append(out.Items, targets.Item{Key: i.Key, Value: i.Value, Ours: i.Ours})
	}
	return out
}
