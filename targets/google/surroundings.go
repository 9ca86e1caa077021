package google

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	denypb "cloud.google.com/go/iam/apiv2/iampb"
	"cloud.google.com/go/resourcemanager/apiv3/resourcemanagerpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"gatehouse/targets"
)

// surroundings reads what decides about secrets beside their own policies. It begins with their projects, and follows what it finds: roles
// that nobody knows, and service accounts that have access, whose policies and projects say who can act as them.
func (r *reading) surroundings() error {
	s := &surroundings{reading: r, seen: map[string]bool{}, heldBy: map[string]permissions{}}
	known, err := embedded()
	if err != nil {
		return err
	}
	maps.Copy(s.heldBy, known)
	for _, k := range r.keys {
		s.projects = append(s.projects, projectOf(k.Name))
	}
	s.accounts = slices.Clone(r.conn.config.Accounts)
	for _, c := range r.live.Containers {
		if err := s.found(targets.Object{Key: c.Key, Body: c.Body}); err != nil {
			return err
		}
	}
	for len(s.projects)+len(s.accounts)+len(s.roles) > 0 {
		if err := s.round(); err != nil {
			return err
		}
	}
	return nil
}

// surroundings is a search: what is still to be read, and what has been.
type surroundings struct {
	*reading
	projects, accounts, roles []string
	seen                      map[string]bool
	heldBy                    map[string]permissions
	policies                  []*rules // that were found
	followed                  int      // policies whose principals have been followed
}

// round reads what is known to be missing, roles first: whether somebody matters hangs on them.
func (s *surroundings) round() error {
	take := func(list *[]string, kind string) []string {
		out := slices.DeleteFunc(slices.Sorted(slices.Values(*list)), func(name string) bool { return name == "" || s.seen[kind+name] })
		*list = nil
		for _, name := range out {
			s.seen[kind+name] = true
		}
		return slices.Compact(out)
	}
	for _, part := range []struct {
		names []string
		read  func(context.Context, string) ([]targets.Object, error)
	}{
		{take(&s.roles, "role "), s.role},
		{take(&s.projects, "project "), s.project},
		{take(&s.accounts, "account "), s.account},
	} {
		found := make([][]targets.Object, len(part.names))
		err := s.conn.inParallel(s.ctx, len(part.names), func(ctx context.Context, i int) (err error) {
			found[i], err = part.read(ctx, part.names[i])
			return err
		})
		if err != nil {
			return err
		}
		for _, o := range slices.Concat(found...) {
			if err := s.found(o); err != nil {
				return err
			}
		}
	}
	s.follow()
	return nil
}

// found takes note of an object that was read, of the roles that it names, and of what above it is to be read.
func (s *surroundings) found(o targets.Object) error {
	switch o.Key.Kind {
	case Role:
		more := roles(s.heldBy)
		return more.add(o)
	case Project, Folder:
		return nil
	}
	p, err := readRules(o)
	if err != nil {
		return fmt.Errorf("read %s: %w", o.Key, err)
	}
	s.policies = append(s.policies, p)
	for _, b := range p.bindings {
		if _, known := s.heldBy[b.role]; !known {
			s.roles = append(s.roles, b.role)
		}
	}
	return nil
}

// follow goes on with the service accounts that a policy gives anything of what leads to payloads or accounts. It waits for the
// roles that the policies name.
func (s *surroundings) follow() {
	for _, role := range s.roles {
		if !s.seen["role "+role] {
			return
		}
	}
	for ; s.followed < len(s.policies); s.followed++ {
		for _, b := range s.policies[s.followed].bindings {
			held, known := s.heldBy[b.role]
			if known && !leads(held) {
				continue
			}
			for _, name := range b.principals {
				if email, ok := strings.CutPrefix(name, accountPrefix); ok && !agent.MatchString(email) {
					s.accounts = append(s.accounts, email)
				}
			}
		}
	}
}

// agent matches accounts of Google's own services, which nobody else can act as and whose policies nobody else can read:
// https://cloud.google.com/iam/docs/service-agents.
var agent = regexp.MustCompile(`^service-[0-9]+@|@gcp-sa-|@cloudservices\.gserviceaccount\.com$|@system\.gserviceaccount\.com$|\.svc\.id\.goog\[`)

// leads reports whether any of a role's permissions is on a path.
func leads(held permissions) bool {
	for _, paths := range [][]path{secretPaths, accountPaths} {
		if slices.ContainsFunc(paths, func(p path) bool { return held[p.permission] }) {
			return true
		}
	}
	return held[updateRoles]
}

func (s *surroundings) role(ctx context.Context, name string) ([]targets.Object, error) {
	k := targets.Key{Kind: Role, Name: name}
	if at, _, broken := strings.Cut(name, withheld); broken {
		s.unknown(k.String(), "the condition of "+at+" was not shown")
		return nil, nil
	}
	role, err := repeat(ctx, s, func() (object, error) {
		r, err := s.conn.api.role(ctx, name)
		return object{name, r}, err
	})
	at, custom := home(name)
	if !custom {
		at = name
	}
	return s.take(k, role, err, "iam.roles.get", at)
}

// repeat asks as often as it may help.
func repeat[T any](ctx context.Context, s *surroundings, call func() (T, error)) (T, error) {
	return patiently(ctx, s.conn.config.Patience, call)
}

// take keeps what was read, or notes why it wasn't.
func (s *surroundings) take(k targets.Key, o object, err error, permission, resource string) ([]targets.Object, error) {
	if err != nil {
		return nil, s.missed(k.String(), err, permission, resource)
	}
	if err := s.keep(k, o.body); err != nil {
		return nil, err
	}
	body, err := bodyOf(o.body)
	return []targets.Object{{Key: k, Body: body}}, err
}

// project reads a project, its policy, and those of all above it.
func (s *surroundings) project(ctx context.Context, id string) ([]targets.Object, error) {
	name := "projects/" + id
	found, err := s.policy(ctx, ProjectPolicy, name, "resourcemanager.projects.getIamPolicy")
	if err != nil {
		return nil, err
	}
	k := targets.Key{Kind: Project, Name: name}
	p, err := repeat(ctx, s, func() (*resourcemanagerpb.Project, error) { return s.conn.api.project(ctx, name) })
	if err != nil {
		if err := s.missed(k.String(), err, "resourcemanager.projects.get", name); err != nil {
			return nil, err
		}
		if s.conn.config.ProjectNumber == "" || id != s.conn.config.Project {
			return found, nil
		}
		return found, s.keep(k, &resourcemanagerpb.Project{Name: "projects/" + s.conn.config.ProjectNumber, ProjectId: id})
	}
	if number := strings.TrimPrefix(p.GetName(), "projects/"); id == s.conn.config.Project && s.conn.config.ProjectNumber != "" && number != s.conn.config.ProjectNumber {
		return nil, fmt.Errorf("project %s has the number %s, and the policy says project_number = %q", id, number, s.conn.config.ProjectNumber)
	}
	if err := s.keep(k, p); err != nil {
		return nil, err
	}
	if err := s.denials(ctx, name); err != nil {
		return nil, err
	}
	above, err := s.parents(ctx, p.GetParent())
	return append(found, above...), err
}

// parents reads folders and the organization, from below. Folders of several projects are read once for each, which is rare and harmless but
// for the copies: only the first counts.
func (s *surroundings) parents(ctx context.Context, name string) ([]targets.Object, error) {
	var out []targets.Object
	for strings.HasPrefix(name, "folders/") && s.first(name) {
		found, err := s.policy(ctx, FolderPolicy, name, "resourcemanager.folders.getIamPolicy")
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
		if err := s.denials(ctx, name); err != nil {
			return nil, err
		}
		k := targets.Key{Kind: Folder, Name: name}
		f, err := repeat(ctx, s, func() (*resourcemanagerpb.Folder, error) { return s.conn.api.folder(ctx, name) })
		if err != nil {
			return out, s.missed(k.String(), err, "resourcemanager.folders.get", name)
		}
		if err := s.keep(k, f); err != nil {
			return nil, err
		}
		name = f.GetParent()
	}
	if !strings.HasPrefix(name, "organizations/") || !s.first(name) {
		return out, nil
	}
	found, err := s.policy(ctx, OrganizationPolicy, name, "resourcemanager.organizations.getIamPolicy")
	if err != nil {
		return nil, err
	}
	return append(out, found...), s.denials(ctx, name)
}

// denials reads the deny policies of a project, folder or organization. They only take away: a reader who may not see them is told, and access is
// shown without them.
func (s *surroundings) denials(ctx context.Context, on string) error {
	found, err := repeat(ctx, s, func() ([]*denypb.Policy, error) { return s.conn.api.denials(ctx, on) })
	if err != nil {
		return s.missed("deny policies of "+on, err, "iam.denypolicies.list and iam.denypolicies.get", on)
	}
	for _, p := range found {
		if err := s.keep(targets.Key{Kind: DenyPolicy, Name: p.GetName()}, p); err != nil {
			return err
		}
	}
	return nil
}

// first reports whether something is met for the first time.
func (s *surroundings) first(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { s.seen[name] = true }()
	return !s.seen[name]
}

// account reads who can act as a service account, and has the project read that it belongs to. Nobody can act as one that doesn't exist.
func (s *surroundings) account(ctx context.Context, email string) ([]targets.Object, error) {
	at := "-"
	if project, ok := homeOf(email); ok {
		at = project
		s.mu.Lock()
		s.projects = append(s.projects, project)
		s.mu.Unlock()
	}
	return s.policy(ctx, ServiceAccountPolicy, "projects/"+at+"/serviceAccounts/"+email, "iam.serviceAccounts.getIamPolicy")
}

// policy reads one policy.
func (s *surroundings) policy(ctx context.Context, kind, name, permission string) ([]targets.Object, error) {
	p, err := repeat(ctx, s, func() (object, error) {
		p, err := s.conn.api.policy(ctx, kind, name)
		return object{name, p}, err
	})
	if kind == ServiceAccountPolicy && status.Code(err) == codes.NotFound {
		return nil, nil
	}
	return s.take(targets.Key{Kind: kind, Name: name}, p, err, permission, name)
}
