package cli

import (
	"path/filepath"
	"slices"
	"strings"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	sandboxconsul "gatehouse/targets/sandbox/consul"
	sandboxgoogle "gatehouse/targets/sandbox/google"
)

// stateDir is where the policy's local files live: the journal, state without a Consul, and apart from both the sandbox's worlds with theirs.
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

// startGoogle brings up the double of Google Cloud: one for all environments, as Google is. What the policy declares exists there, as it
// must before access to it is granted.
func (s *session) startGoogle() (string, error) {
	if s.google != nil {
		return s.googleAddress, nil
	}
	double, err := sandboxgoogle.Open(s.sandboxDir(), sandboxgoogle.Options{})
	if err != nil {
		return "", err
	}
	s.stops = append(s.stops, func() { _ = double.Close() })
	if err := double.Seed(s.seeds()...); err != nil {
		return "", err
	}
	address, stop, err := double.Start()
	if err != nil {
		return "", err
	}
	s.stops = append(s.stops, stop)
	s.google, s.googleAddress = double, address
	return address, nil
}

// seeds are the projects that the policy's environments are, with the secrets and service accounts that it declares in them.
func (s *session) seeds() []sandboxgoogle.Seed {
	var out []sandboxgoogle.Seed
	for _, env := range s.result.Graph.Environments {
		if env.Google == nil {
			continue
		}
		out = append(out, sandboxgoogle.Seed{
			Project: env.Google.Project, Number: env.Google.ProjectNumber,
			Secrets: s.secrets(env.Name), ServiceAccounts: s.accounts(env.Name),
		})
	}
	return out
}

// secrets returns the IDs of the secrets that are in an environment, sorted.
func (s *session) secrets(environment string) []string {
	var out []string
	for i := range s.result.Graph.Resources {
		r := &s.result.Graph.Resources[i]
		if surface, ok := r.Surface(environment); ok && r.Addr.Kind == addr.Secret {
			out = append(out, surface.Name[strings.LastIndex(surface.Name, "/")+1:])
		}
	}
	slices.Sort(out)
	return out
}

func (s *session) close() {
	for _, stop := range slices.Backward(s.stops) {
		stop()
	}
}
