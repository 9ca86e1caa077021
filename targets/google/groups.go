package google

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"gatehouse/targets"
)

// ReadGroups reads who belongs to groups, as somebody has exported it from the directory: a JSON object with one field, groups, whose fields are the
// groups' addresses and whose values are lists of members as allow policies name them.
//
//	{"groups": {"sre@acme.example": ["user:ann@acme.example", "group:leads@acme.example"]}}
//
// What is not of that form is an error, which names the group.
func ReadGroups(r io.Reader) (map[string][]string, error) {
	var file struct {
		Groups map[string][]string `json:"groups"`
	}
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return nil, fmt.Errorf("read groups: %w", err)
	}
	if file.Groups == nil {
		return nil, errors.New(`read groups: there is no field "groups"`)
	}
	for _, address := range slices.Sorted(maps.Keys(file.Groups)) {
		if !strings.Contains(address, "@") || strings.Contains(address, ":") {
			return nil, fmt.Errorf("read groups: %q is no address of a group", address)
		}
		for _, m := range file.Groups[address] {
			if _, ok := principalName(m); !ok || !strings.Contains(m, ":") {
				return nil, fmt.Errorf("read groups: %s: %q is no member: want user:, serviceAccount:, group: or principal: and a name", address, m)
			}
		}
	}
	return file.Groups, nil
}

// groups adds what somebody told of the groups that policies speak of, and of the groups in them.
func (r *reading) groups() error {
	told := map[string][]string{}
	for address, members := range r.conn.config.Groups {
		told[strings.ToLower(address)] = members
	}
	var wanted []string
	want := func(member string) {
		name, ok := principalName(member)
		if address, group := strings.CutPrefix(name, groupPrefix); ok && group && !slices.Contains(wanted, address) {
			wanted = append(wanted, address)
		}
	}
	if err := r.members(want); err != nil {
		return err
	}
	for i := 0; i < len(wanted); i++ { // grows as groups are found in groups
		members, ok := told[wanted[i]]
		if !ok {
			continue
		}
		body, err := json.Marshal(map[string][]string{"members": members})
		if err != nil {
			return err
		}
		r.live.Context = append(r.live.Context, targets.Object{Key: targets.Key{Kind: Group, Name: wanted[i]}, Body: body})
		for _, m := range members {
			want(m)
		}
	}
	return nil
}

// members calls see with whom the policies that were read name.
func (r *reading) members(see func(string)) error {
	if len(r.conn.config.Groups) == 0 {
		return nil
	}
	objects := slices.Clone(r.live.Context)
	for _, c := range r.live.Containers {
		objects = append(objects, targets.Object{Key: c.Key, Body: c.Body})
	}
	for _, o := range objects {
		if o.Key.Kind == DenyPolicy {
			w := &world{}
			if err := w.deny(o); err != nil {
				return fmt.Errorf("read %s: %w", o.Key, err)
			}
			for _, rule := range w.denials[0].rules {
				for _, p := range slices.Concat(rule.principals, rule.exceptPrincipals) {
					see(p)
				}
			}
		}
		if !strings.HasSuffix(o.Key.Kind, "-policy") || o.Key.Kind == DenyPolicy {
			continue
		}
		p, err := readRules(o)
		if err != nil {
			return fmt.Errorf("read %s: %w", o.Key, err)
		}
		for _, b := range p.bindings {
			for _, name := range b.principals {
				see(name)
			}
		}
	}
	return nil
}
