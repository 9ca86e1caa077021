package cli

import (
	"path/filepath"
	"slices"

	"gatehouse/compiler/access"
	"gatehouse/targets"
	"gatehouse/targets/consul"
	sandboxconsul "gatehouse/targets/sandbox/consul"
)

// remote is a remote system that Gatehouse knows: what objects mean there, and how it is reached.
type remote struct {
	driver  targets.Driver
	connect func(*session, *access.Environment) (targets.Conn, error)
}

// remotes are all of them.
func remotes() []remote {
	return []remote{
		{consul.Driver{}, connectConsul},
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

// connected is sites with connections, to the sandbox or to the real thing.
func (s *session) connected() ([]targets.Site, error) {
	return s.reach(func(r remote, env *access.Environment) (targets.Conn, error) { return r.connect(s, env) })
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

func connectConsul(s *session, env *access.Environment) (targets.Conn, error) {
	realm := access.RealmOf(*env)
	if s.flags.sandbox {
		address, err := s.startConsul(env)
		if err != nil {
			return nil, err
		}
		return consul.Connect(consul.Config{Address: address, Realm: realm})
	}
	alone := !slices.ContainsFunc(s.result.Graph.Environments, func(other access.Environment) bool {
		return other.Consul != nil && s.selected(other.Name) && access.RealmOf(other) != realm
	})
	config, err := consulConfig(*env, alone, s.w.getenv)
	if err != nil {
		return nil, err
	}
	config.Realm = realm
	return consul.Connect(config)
}

// stateDir is where the policy's local files live: the journal, the sandbox's worlds.
func (s *session) stateDir() string { return filepath.Join(s.root, ".gatehouse") }

func (s *session) sandboxDir() string { return filepath.Join(s.stateDir(), "sandbox") }

// startConsul brings up the double of one environment's Consul. Environments on one Consul share one world. Like a mesh that is run with
// care it denies by default.
func (s *session) startConsul(env *access.Environment) (string, error) {
	double, err := sandboxconsul.Open(s.sandboxDir(), access.RealmOf(*env), sandboxconsul.Options{
		Datacenter:             env.Consul.Datacenter,
		DefaultIntentionPolicy: "deny",
	})
	if err != nil {
		return "", err
	}
	address, stop, err := double.Start()
	if err != nil {
		return "", firstError(err, double.Close())
	}
	s.stops = append(s.stops, func() { _ = double.Close() }, stop)
	return address, nil
}

func (s *session) close() {
	for _, stop := range slices.Backward(s.stops) {
		stop()
	}
}
