package google

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// condition is a binding's condition; the zero condition is none. Comparable: IAM tells bindings of one role apart by it.
type condition struct {
	set                                      bool
	title, description, expression, location string
}

// grant is the unit of a policy: one member in one role under one condition. Comparable.
type grant struct {
	role, member string
	condition    condition
}

// policy is an allow policy as a set: bindings are only how it is written. What isn't a binding is kept as it was.
type policy struct {
	grants []grant                    // sorted, each once, members in normal form
	rest   map[string]json.RawMessage // etag, auditConfigs, and whatever else there is
}

// binding is a policy's written form of grants.
type binding struct {
	Role      string         `json:"role"`
	Members   []string       `json:"members"`
	Condition *conditionJSON `json:"condition,omitempty"`
}

type conditionJSON struct {
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Expression  string `json:"expression,omitempty"`
	Location    string `json:"location,omitempty"`
}

// parsePolicy reads a policy in the JSON form of google.iam.v1.Policy. A field of a binding that isn't known is an error: to write the
// policy back would lose it.
func parsePolicy(body json.RawMessage) (policy, error) {
	p := policy{rest: map[string]json.RawMessage{}}
	if err := json.Unmarshal(body, &p.rest); err != nil {
		return p, fmt.Errorf("decode a policy: %w", err)
	}
	if p.rest == nil {
		return p, errors.New("decode a policy: it is null")
	}
	var bindings []binding
	if raw := p.rest["bindings"]; raw != nil {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(&bindings); err != nil {
			return p, fmt.Errorf("decode a policy's bindings: %w", err)
		}
	}
	delete(p.rest, "bindings")
	delete(p.rest, "version")
	for _, b := range bindings {
		for _, m := range b.Members {
			p.grants = append(p.grants, grant{b.Role, normalMember(m), b.Condition.parsed()})
		}
	}
	p.grants = normalGrants(p.grants)
	return p, nil
}

func (c *conditionJSON) parsed() condition {
	if c == nil {
		return condition{}
	}
	return condition{true, c.Title, c.Description, c.Expression, c.Location}
}

func (c condition) written() *conditionJSON {
	if !c.set {
		return nil
	}
	return &conditionJSON{c.title, c.description, c.expression, c.location}
}

// normalGrants sorts grants and drops repetitions, in place.
func normalGrants(grants []grant) []grant {
	slices.SortFunc(grants, compareGrants)
	return slices.Compact(grants)
}

func compareGrants(a, b grant) int {
	return cmp.Or(cmp.Compare(a.role, b.role), compareConditions(a.condition, b.condition), cmp.Compare(a.member, b.member))
}

func compareConditions(a, b condition) int {
	switch {
	case a.set != b.set && b.set:
		return -1
	case a.set != b.set:
		return 1
	}
	return cmp.Or(cmp.Compare(a.title, b.title), cmp.Compare(a.expression, b.expression),
		cmp.Compare(a.description, b.description), cmp.Compare(a.location, b.location))
}

// encode writes the policy: bindings by role and condition, members sorted. The version is always 3, which alone may hold conditions.
func (p policy) encode() (json.RawMessage, error) {
	all := map[string]json.RawMessage{"version": json.RawMessage("3")}
	for field, value := range p.rest {
		all[field] = value
	}
	bindings, err := plainJSON(p.bindings())
	if err != nil {
		return nil, err
	}
	all["bindings"] = bindings
	return plainJSON(all)
}

// plainJSON leaves <, > and & as they are: conditions are full of them, and people read plans.
func plainJSON(v any) (json.RawMessage, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}

func (p policy) bindings() []binding {
	out := []binding{}
	for i, g := range p.grants {
		if i == 0 || g.role != p.grants[i-1].role || g.condition != p.grants[i-1].condition {
			out = append(out, binding{Role: g.role, Condition: g.condition.written()})
		}
		last := &out[len(out)-1]
		last.Members = append(last.Members, g.member)
	}
	return out
}

// with returns the policy with more grants, and without returns it with fewer. The receiver stays as it is.
func (p policy) with(more []grant) policy {
	p.grants = normalGrants(slices.Concat(p.grants, more))
	return p
}

func (p policy) without(fewer func(grant) bool) policy {
	p.grants = slices.DeleteFunc(slices.Clone(p.grants), fewer)
	return p
}

// minus returns the grants of the policy that another lacks.
func (p policy) minus(other policy) []grant {
	var out []grant
	for _, g := range p.grants {
		if !other.has(g) {
			out = append(out, g)
		}
	}
	return out
}

func (p policy) has(g grant) bool {
	_, ok := slices.BinarySearchFunc(p.grants, g, compareGrants)
	return ok
}

// sameBindings reports whether two policies grant the same, however they are written.
func sameBindings(a, b json.RawMessage) bool {
	x, errX := parsePolicy(a)
	y, errY := parsePolicy(b)
	return errX == nil && errY == nil && slices.Equal(x.grants, y.grants)
}

// key is the name of a grant as an item, such as
//
//	roles/secretmanager.secretAccessor serviceAccount:web@acme.iam.gserviceaccount.com if "until noon" "request.time < …"
//
// No two grants have one name.
func (g grant) key() string {
	return word(g.role) + " " + word(g.member) + g.condition.text()
}

// word is a text that holds no blank, or its quoted form.
func word(text string) string {
	if text == "" || strings.ContainsAny(text, " \"\t\r\n") {
		return strconv.Quote(text)
	}
	return text
}

func (c condition) text() string {
	if !c.set {
		return ""
	}
	text := " if " + strconv.Quote(c.title) + " " + strconv.Quote(c.expression)
	if c.description != "" {
		text += " described " + strconv.Quote(c.description)
	}
	if c.location != "" {
		text += " located " + strconv.Quote(c.location)
	}
	return text
}
