package targets

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Save writes a plan as a plan file: indented JSON. What Load returns of it equals the plan.
func Save(w io.Writer, p Plan) error { return Encode(w, p, "plan") }

// Load reads a plan file. It refuses another format, unknown fields, anything after the plan, and a plan that could not be applied as
// it stands: unknown operations or classes, a site twice, a change before one that it requires.
//
// A plan file is not trusted: Apply writes a change of it only where the policy makes the same change of what is live.
func Load(r io.Reader) (Plan, error) {
	var p Plan
	if err := Decode(r, &p, "plan", PlanFormat, "plan again"); err != nil {
		return Plan{}, err
	}
	if err := checkPlan(p); err != nil {
		return Plan{}, fmt.Errorf("read plan: %w", err)
	}
	for i := range p.Sites {
		for j := range p.Sites[i].Changes {
			c := &p.Sites[i].Changes[j]
			c.Before, c.After = compact(c.Before), compact(c.After)
		}
	}
	return p, nil
}

func checkPlan(p Plan) error {
	type site struct{ environment, target string }
	seen := map[site]bool{}
	for _, s := range p.Sites {
		k := site{s.Environment, string(s.Target)}
		if seen[k] {
			return fmt.Errorf("%s in %q stands in it twice", s.Target, s.Environment)
		}
		seen[k] = true
		if err := checkChanges(s.Changes); err != nil {
			return fmt.Errorf("%s in %q: %w", s.Target, s.Environment, err)
		}
	}
	return nil
}

func checkChanges(changes []Change) error {
	earlier := map[Key]bool{}
	for _, c := range changes {
		if !slices.Contains([]Op{Create, Update, Delete, Retire, Adopt}, c.Op) {
			return fmt.Errorf("%s: no operation %q", c.Key, c.Op)
		}
		if c.Op != Delete && len(c.After) == 0 {
			return fmt.Errorf("%s: %s without a body would delete it", c.Key, c.Op)
		}
		if rank(c.Class) < 0 {
			return fmt.Errorf("%s: no class %q", c.Key, c.Class)
		}
		if earlier[c.Key] {
			return fmt.Errorf("%s stands in it twice", c.Key)
		}
		for _, k := range c.Requires {
			if !earlier[k] {
				return fmt.Errorf("%s requires %s, which does not stand before it", c.Key, k)
			}
		}
		earlier[c.Key] = true
	}
	return nil
}

// Decode reads a file of ours into a value: JSON that names its format, with nothing unknown in it and nothing after it. what names the file to
// people, and remedy says what to do about one of another format.
func Decode(r io.Reader, into any, what, format, remedy string) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("read %s: %w", what, err)
	}
	var head struct {
		Format string `json:"format"`
	}
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&head); err != nil {
		return fmt.Errorf("read %s: this is not a %s file: %w", what, what, err)
	}
	if head.Format != format {
		return fmt.Errorf("read %s: its format is %q, and this program reads %s: %s", what, head.Format, format, remedy)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("read %s: %w", what, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("read %s: something follows the %s", what, what)
	}
	return nil
}

// Encode writes a file of ours: indented JSON, with bodies as they were.
func Encode(w io.Writer, value any, what string) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(value); err != nil {
		return fmt.Errorf("write %s: %w", what, err)
	}
	return nil
}
