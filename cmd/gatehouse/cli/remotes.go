package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gatehouse/cmd/gatehouse/view"
	"gatehouse/compiler/access"
	"gatehouse/targets"
	"gatehouse/targets/consul"
	"gatehouse/targets/google"
)

// remote is a remote system that Gatehouse knows: what objects mean there, and how it is reached.
type remote struct {
	driver  targets.Driver
	connect func(context.Context, *session, *access.Environment) (targets.Conn, error)
}

// remotes are all of them.
func remotes() []remote {
	return []remote{
		{consul.Driver{}, connectConsul},
		{google.Driver{}, connectGoogle},
	}
}

func (r remote) name() string { return string(r.driver.Capabilities().Target) }

func targetNames() []string {
	var names []string
	for _, r := range remotes() {
		names = append(names, r.name())
	}
	return names
}

// sites returns what the flags select, without connections.
func (s *session) sites() []targets.Site {
	sites, _ := s.reach(func(remote, *access.Environment) (targets.Conn, error) { return nil, nil })
	return sites
}

// connected is sites with connections, to a snapshot, to the sandbox or to the real thing.
func (s *session) connected(ctx context.Context) ([]targets.Site, error) {
	return s.reach(func(r remote, env *access.Environment) (targets.Conn, error) {
		if s.kept != nil {
			realm, _ := r.driver.Realm(*env)
			return s.kept.Conn(env.Name, r.driver.Capabilities().Target, realm)
		}
		return r.connect(ctx, s, env)
	})
}

func (s *session) reach(connect func(remote, *access.Environment) (targets.Conn, error)) ([]targets.Site, error) {
	var out []targets.Site
	for i := range s.result.Graph.Environments {
		env := &s.result.Graph.Environments[i]
		for _, r := range remotes() {
			realm, ok := r.driver.Realm(*env)
			if !ok || !s.selected(env.Name) || !s.targeted(r.name()) {
				continue
			}
			conn, err := connect(r, env)
			if err != nil {
				return nil, err
			}
			out = append(out, targets.Site{Environment: env.Name, Realm: realm, Driver: r.driver, Conn: conn})
		}
	}
	return out, nil
}

// targeted reports whether --target leaves a target in.
func (s *session) targeted(name string) bool {
	return len(s.flags.targets) == 0 || slices.Contains(s.flags.targets, name)
}

// connectConsul returns the connection to an environment's Consul, which its state may share.
func connectConsul(_ context.Context, s *session, env *access.Environment) (targets.Conn, error) {
	return s.consul(env)
}

func (s *session) consul(env *access.Environment) (*consul.Conn, error) {
	if conn, ok := s.consuls[env.Name]; ok {
		return conn, nil
	}
	config, err := s.consulConfig(env)
	if err != nil {
		return nil, err
	}
	conn, err := consul.Connect(config)
	if err == nil {
		s.consuls[env.Name] = conn
	}
	return conn, err
}

func (s *session) consulConfig(env *access.Environment) (consul.Config, error) {
	realm := access.RealmOf(*env)
	if s.flags.sandbox {
		address, err := s.startConsul(env)
		return consul.Config{Address: address, Realm: realm}, err
	}
	alone := !slices.ContainsFunc(s.result.Graph.Environments, func(other access.Environment) bool {
		return other.Consul != nil && s.selected(other.Name) && access.RealmOf(other) != realm
	})
	config, err := patiently(s.w, func() (consul.Config, error) { return consulConfig(*env, alone, s.w.getenv) }) // it may read a token
	config.Realm = realm
	if err == nil && config.Token == "" && !alone && s.w.getenv("CONSUL_HTTP_TOKEN")+s.w.getenv("CONSUL_HTTP_TOKEN_FILE") != "" {
		fmt.Fprintf(s.w.stderr, "gatehouse: CONSUL_HTTP_TOKEN is not used for environment %q, since the selected environments are on several Consuls: "+
			"set GATEHOUSE_CONSUL_TOKEN_%s, or select others with --environment\n", env.Name, variableOf(env.Name))
	}
	return config, err
}

// connectGoogle returns the connection to an environment's project. Its claims are kept in the environment's state.
func connectGoogle(ctx context.Context, s *session, env *access.Environment) (targets.Conn, error) {
	store, err := s.state(env)
	if err != nil {
		return nil, err
	}
	config := google.Config{
		Project:       env.Google.Project,
		ProjectNumber: env.Google.ProjectNumber,
		Ownership:     env.Google.Ownership,
		Accounts:      s.accounts(env.Name),
		State:         store,
		Now:           s.w.now,
		Progress:      view.Reading(s.w.stderr, s.w.terminal, env.Name),
		Endpoint:      env.Google.Endpoint,
	}
	if config.Groups, err = s.groups(); err != nil {
		return nil, err
	}
	if config.Endpoint == "" {
		config.Endpoint = s.w.getenv("GATEHOUSE_GOOGLE_ENDPOINT")
	}
	if s.flags.sandbox {
		if config.Endpoint, err = s.startGoogle(); err != nil {
			return nil, err
		}
	}
	conn, err := google.Connect(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("environment %q: %w", env.Name, err)
	}
	s.stops = append(s.stops, func() { _ = conn.Close() })
	return conn, nil
}

// groups reads the file that GATEHOUSE_GOOGLE_GROUPS names, which tells who belongs to groups; without it that isn't known.
func (s *session) groups() (map[string][]string, error) {
	name := s.w.getenv("GATEHOUSE_GOOGLE_GROUPS")
	if name == "" {
		return nil, nil
	}
	groups, err := loadNamed(s.w, name, google.ReadGroups)
	if err != nil {
		return nil, fmt.Errorf("GATEHOUSE_GOOGLE_GROUPS: %s: %w", name, err)
	}
	return groups, nil
}

// accounts returns the e-mails of the service accounts that workloads have in an environment, sorted.
func (s *session) accounts(environment string) []string {
	var out []string
	for i := range s.result.Graph.Workloads {
		place, ok := s.result.Graph.Workloads[i].Place(environment)
		if !ok {
			continue
		}
		if p, ok := place.Principal(access.Google); ok {
			out = append(out, strings.TrimPrefix(p.Name, "serviceAccount:"))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
