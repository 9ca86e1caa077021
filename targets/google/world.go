package google

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"gatehouse/targets"
)

// world is what Interpret has decoded: the objects that decide who reaches a secret.
type world struct {
	policies map[targets.Key]*rules
	accounts map[string]*rules // the policies of service accounts, by e-mail
	roles    roles
	projects map[string]facts // by ID
	folders  map[string]facts // by folders/NUMBER

	groups     map[string][]string // members by the group's name as a principal; without an entry they are not known
	denials    []denial
	boundaries []boundary
	known      []string             // see people
	members    map[string][]someone // see within
}

// facts is what is known of a project or a folder.
type facts struct {
	number string // of a project; empty where nobody told
	parent string // folders/NUMBER or organizations/NUMBER; empty where there is none, or nobody told
}

// rules is one allow policy as IAM enforces it.
type rules struct {
	at       targets.Key
	bindings []rule
}

// rule is one binding.
type rule struct {
	role       string
	principals []string // names of principals; access.Anyone for the public
	condition  string   // its expression; empty where there is none
	withheld   bool     // there is a condition, and it wasn't shown
}

// read decodes every object. One that it does not understand is an error: to pass it over would be to guess.
func read(objects []targets.Object) (*world, error) {
	w := &world{policies: map[targets.Key]*rules{}, accounts: map[string]*rules{}, projects: map[string]facts{}, folders: map[string]facts{}, groups: map[string][]string{}, members: map[string][]someone{}}
	var err error
	if w.roles, err = knownRoles(); err != nil {
		return nil, err
	}
	for _, o := range objects {
		if err := w.add(o); err != nil {
			return nil, fmt.Errorf("%s: %w", o.Key, err)
		}
	}
	return w, nil
}

func (w *world) add(o targets.Object) error {
	switch o.Key.Kind {
	case SecretPolicy, ProjectPolicy, FolderPolicy, OrganizationPolicy, ServiceAccountPolicy:
		r, err := readRules(o)
		if w.policies[o.Key] != nil {
			return errors.New("it is there twice")
		}
		w.policies[o.Key] = r
		if o.Key.Kind == ServiceAccountPolicy {
			w.accounts[strings.ToLower(o.Key.Name[strings.LastIndexByte(o.Key.Name, '/')+1:])] = r
		}
		return err
	case Role:
		return w.roles.add(o)
	case Project:
		var p struct{ Name, ProjectID, Parent string }
		err := json.Unmarshal(o.Body, &p)
		w.projects[strings.TrimPrefix(o.Key.Name, "projects/")] = facts{strings.TrimPrefix(p.Name, "projects/"), p.Parent}
		return err
	case Folder:
		var f struct{ Parent string }
		err := json.Unmarshal(o.Body, &f)
		w.folders[o.Key.Name] = facts{parent: f.Parent}
		return err
	case Group:
		return w.group(o)
	case DenyPolicy:
		return w.deny(o)
	case PolicyBinding:
		return w.boundary(o)
	case SecretMetadata:
		return nil // it decides nothing
	}
	return errors.New("a kind that says nothing about access")
}

// withheld begins what IAM appends to a role's name for a reader whose version knows no conditions:
// https://cloud.google.com/iam/docs/troubleshooting-withcond.
const withheld = "_withcond_"

func readRules(o targets.Object) (*rules, error) {
	var p struct {
		Bindings []struct {
			Role      string
			Members   []string
			Condition *struct{ Expression string }
		}
	}
	if err := json.Unmarshal(o.Body, &p); err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	r := &rules{at: o.Key}
	for _, b := range p.Bindings {
		next := rule{role: b.Role}
		if b.Condition != nil {
			next.condition, next.withheld = b.Condition.Expression, b.Condition.Expression == ""
		}
		if role, _, ok := strings.Cut(b.Role, withheld); ok {
			next.role, next.withheld = role, true
		}
		for _, m := range b.Members {
			if name, ok := principalName(m); ok {
				next.principals = append(next.principals, name)
			}
		}
		r.bindings = append(r.bindings, next)
	}
	return r, nil
}

// above returns the policies that a project's resources inherit, the nearest first: of the project, its folders, its organization. It
// ends where nobody told what is above.
func (w *world) above(project string) []*rules {
	var out []*rules
	if r := w.policies[targets.Key{Kind: ProjectPolicy, Name: "projects/" + project}]; r != nil {
		out = append(out, r)
	}
	seen := map[string]bool{}
	for at := w.projects[project].parent; at != "" && !seen[at]; at = w.folders[at].parent {
		seen[at] = true
		kind := FolderPolicy
		if strings.HasPrefix(at, "organizations/") {
			kind = OrganizationPolicy
		}
		if r := w.policies[targets.Key{Kind: kind, Name: at}]; r != nil {
			out = append(out, r)
		}
	}
	return out
}
