package consul

import (
	"encoding/json"
	"maps"

	"gatehouse/targets"
)

// entry is a config entry as the driver writes one. Entries that others wrote are never decoded into it: what it does not know would
// be lost.
type entry struct {
	Kind     string
	Name     string
	Protocol string            `json:",omitempty"`
	Sources  []source          `json:",omitempty"`
	Meta     map[string]string `json:",omitempty"`
}

// source has either an action or permissions.
type source struct {
	Name        string
	Action      string       `json:",omitempty"`
	Permissions []layer7Rule `json:",omitempty"`
}

// layer7Rule is one permission. Of several the first whose HTTP part matches decides.
type layer7Rule struct {
	Action string
	HTTP   layer7HTTP
}

// layer7HTTP is which requests a permission is about; one path at most.
type layer7HTTP struct {
	PathExact  string   `json:",omitempty"`
	PathPrefix string   `json:",omitempty"`
	PathRegex  string   `json:",omitempty"`
	Methods    []string `json:",omitempty"`
}

// everybody is the source that stands for all services of the own trust domain.
const everybody = "*"

// The keys of Meta that say whose an entry is.
const (
	metaPolicy      = "gatehouse-policy"
	metaEnvironment = "gatehouse-environment"
	metaFormat      = "gatehouse-format"
	metaResidual    = "gatehouse-residual"

	format = "1"
)

// mark returns meta with an owner's mark in it; the argument is left as it was.
func mark(meta map[string]string, owner targets.Owner) map[string]string {
	out := unmark(meta)
	out[metaPolicy] = owner.Policy
	out[metaEnvironment] = owner.Environment
	out[metaFormat] = format
	return out
}

// unmark returns meta without any mark of ours.
func unmark(meta map[string]string) map[string]string {
	out := make(map[string]string, len(meta)+3)
	maps.Copy(out, meta)
	for _, key := range []string{metaPolicy, metaEnvironment, metaFormat, metaResidual} {
		delete(out, key)
	}
	return out
}

// ownerOf reads the mark.
func ownerOf(meta map[string]string) targets.Owner {
	return targets.Owner{Policy: meta[metaPolicy], Environment: meta[metaEnvironment]}
}

// encode writes what the package itself has built of strings, which always has a JSON form.
func encode(e entry) json.RawMessage {
	raw, _ := json.Marshal(e)
	return raw
}
