package consul

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"

	"gatehouse/targets"
)

// fields is a JSON object whose values are kept as they were written.
type fields map[string]json.RawMessage

func fieldsOf(c *targets.Container) (fields, error) {
	f := fields{}
	if c == nil {
		return f, nil
	}
	err := json.Unmarshal(c.Body, &f)
	return f, err
}

// meta decodes the entry's Meta.
func (f fields) meta() (map[string]string, error) {
	var m map[string]string
	if raw := f["Meta"]; len(raw) > 0 {
		if err := json.Unmarshal(raw, &m); err != nil {
			return nil, fmt.Errorf("field Meta: %w", err)
		}
	}
	return m, nil
}

func (f fields) set(key string, value any) error {
	raw, err := json.Marshal(value)
	f[key] = raw
	return err
}

// computed are the fields that the server computes, and ignores or refuses when they are sent.
var computed = []string{"Hash", "CreateIndex", "ModifyIndex"}

func (f fields) withoutComputed() fields {
	out := maps.Clone(f)
	for _, key := range computed {
		delete(out, key)
	}
	return out
}

// hollow reports whether an entry says nothing but its name.
func (f fields) hollow() bool {
	for key, value := range f {
		switch key {
		case "Kind", "Name", "Namespace", "Partition":
		default:
			if !blank(value) {
				return false
			}
		}
	}
	return true
}

// blank reports whether a value is one that the server fills in for a field that nobody has set.
func blank(raw json.RawMessage) bool {
	switch string(bytes.TrimSpace(raw)) {
	case "", "null", "{}", "[]", `""`, "0", "false":
		return true
	}
	return false
}

// sameFields reports whether two entries say the same, blanks and computed fields aside.
func sameFields(a, b json.RawMessage) bool {
	textA, errA := spoken(a)
	textB, errB := spoken(b)
	return errA == nil && errB == nil && textA == textB
}

func spoken(body json.RawMessage) (string, error) {
	var f fields
	if err := json.Unmarshal(body, &f); err != nil {
		return "", err
	}
	f = f.withoutComputed()
	maps.DeleteFunc(f, func(key string, value json.RawMessage) bool {
		return key == "Namespace" || key == "Partition" || blank(value)
	})
	raw, err := json.Marshal(f)
	if err != nil {
		return "", err
	}
	return canonical(raw)
}
