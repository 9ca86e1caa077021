package consul

import (
	"encoding/json"
	"fmt"
	"slices"

	"gatehouse/targets"
)

// Merge returns the body to write.
//
// An entry of intentions is Gatehouse's as a whole once it is marked: the body has the wanted sources and nothing else that decides access.
// Adopting one so drops what others had put into it, JWT requirements included; that is no silent widening, since the plan shows the access
// that the change gives. To keep a requirement would be worse: under a default of allow it would open the closing deny to
// everybody without a token. Meta keys of others, and descriptions of sources that remain, stay.
//
// Of service-defaults Gatehouse owns the protocol alone, where the entry carries its mark. When the claim goes, the entry is deleted if
// nothing is left in it.
func (Driver) Merge(want, live *targets.Container, remove []string, owner targets.Owner) (json.RawMessage, error) {
	key, err := keyOf(want, live)
	if err != nil {
		return nil, fmt.Errorf("consul: merge: %w", err)
	}
	var body json.RawMessage
	switch {
	case key.Kind == Intentions && want == nil:
		return nil, nil
	case key.Kind == Intentions:
		body, err = mergeIntentions(want, live, owner)
	case key.Kind == ServiceDefaults:
		body, err = mergeDefaults(want, live, remove, owner)
	default:
		err = fmt.Errorf("a kind that the driver does not own")
	}
	if err != nil {
		return nil, fmt.Errorf("consul: merge %s: %w", key, err)
	}
	return body, nil
}

func keyOf(want, live *targets.Container) (targets.Key, error) {
	switch {
	case want != nil:
		return want.Key, nil
	case live != nil:
		return live.Key, nil
	}
	return targets.Key{}, fmt.Errorf("neither a wanted container nor a live one")
}

func mergeIntentions(want, live *targets.Container, owner targets.Owner) (json.RawMessage, error) {
	body, err := fieldsOf(want)
	if err != nil {
		return nil, err
	}
	old, err := fieldsOf(live)
	if err != nil {
		return nil, err
	}
	meta, err := old.meta()
	if err != nil {
		return nil, err
	}
	meta = mark(meta, owner)
	if want.Residual {
		meta[metaResidual] = "true"
	}
	if err := body.set("Meta", meta); err != nil {
		return nil, err
	}
	sources, err := withDescriptions(body["Sources"], old["Sources"])
	if err != nil {
		return nil, err
	}
	body["Sources"] = sources
	return json.Marshal(body)
}

// withDescriptions gives sources of the same name the descriptions that they had.
func withDescriptions(wanted, old json.RawMessage) (json.RawMessage, error) {
	if len(old) == 0 {
		return wanted, nil
	}
	var was []struct{ Name, Description, Peer, SamenessGroup string }
	if err := json.Unmarshal(old, &was); err != nil {
		return nil, fmt.Errorf("field Sources: %w", err)
	}
	descriptions := map[string]string{}
	for _, s := range was {
		if s.Description != "" && s.Peer == "" && s.SamenessGroup == "" {
			descriptions[s.Name] = s.Description
		}
	}
	if len(descriptions) == 0 {
		return wanted, nil
	}
	var sources []fields
	if err := json.Unmarshal(wanted, &sources); err != nil {
		return nil, fmt.Errorf("field Sources: %w", err)
	}
	for _, s := range sources {
		var name string
		if err := json.Unmarshal(s["Name"], &name); err != nil {
			return nil, fmt.Errorf("field Sources: %w", err)
		}
		if text, ok := descriptions[name]; ok {
			if err := s.set("Description", text); err != nil {
				return nil, err
			}
		}
	}
	return json.Marshal(sources)
}

func mergeDefaults(want, live *targets.Container, remove []string, owner targets.Owner) (json.RawMessage, error) {
	all, err := fieldsOf(live)
	if err != nil {
		return nil, err
	}
	body := all.withoutComputed()
	meta, err := body.meta()
	if err != nil {
		return nil, err
	}
	if want == nil {
		return unclaim(body, meta, remove)
	}
	i := slices.IndexFunc(want.Items, func(item targets.Item) bool { return item.Key == protocolKey })
	if i < 0 {
		return unclaim(body, meta, remove)
	}
	for key, value := range map[string]any{
		"Kind": ServiceDefaults, "Name": want.Key.Name, "Protocol": want.Items[i].Value, "Meta": mark(meta, owner),
	} {
		if err := body.set(key, value); err != nil {
			return nil, err
		}
	}
	return json.Marshal(body)
}

// unclaim takes our mark from an entry, and the protocol where that is ours to remove.
func unclaim(body fields, meta map[string]string, remove []string) (json.RawMessage, error) {
	if slices.Contains(remove, protocolKey) {
		delete(body, "Protocol")
	}
	delete(body, "Meta")
	if rest := unmark(meta); len(rest) > 0 {
		if err := body.set("Meta", rest); err != nil {
			return nil, err
		}
	}
	if body.hollow() {
		return nil, nil
	}
	return json.Marshal(body)
}

// Tombstone returns what stays of an entry of intentions: its "*" deny. Without it the destination falls to the mesh's default, or to a "*"
// destination, and either may let everybody in. Of service-defaults nothing stays.
func (Driver) Tombstone(live targets.Container) (targets.Container, bool) {
	if live.Key.Kind != Intentions {
		return targets.Container{}, false
	}
	old, err := fieldsOf(&live)
	if err != nil {
		return targets.Container{}, false
	}
	meta, err := old.meta()
	if err != nil {
		return targets.Container{}, false
	}
	meta = mark(meta, live.Owner)
	meta[metaResidual] = "true"
	body := entry{Kind: Intentions, Name: live.Key.Name, Sources: []source{{Name: everybody, Action: deny}}, Meta: meta}
	return targets.Container{
		Key:      live.Key,
		Body:     encode(body),
		Owner:    live.Owner,
		Items:    []targets.Item{{Key: sourceKey(everybody), Value: deny, Ours: true}},
		Governs:  live.Governs,
		Whole:    true,
		Residual: true,
	}, true
}
