// Package planes runs the program itself on both planes at once, against the doubles of Consul and of Google Cloud, and ends it as kill -9
// does. It is tests alone: what one target does by itself is tested in conformance and in conformance/google.
package planes

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"gatehouse/cmd/gatehouse/cli"
	"gatehouse/compiler"
	"gatehouse/compiler/access"
	"gatehouse/targets"
	"gatehouse/targets/consul"
	"gatehouse/targets/google"
	sandboxconsul "gatehouse/targets/sandbox/consul"
	sandboxgoogle "gatehouse/targets/sandbox/google"
	"gatehouse/targets/state"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"gatehouse": func() { os.Exit(cli.Main()) }})
}

const project = "acme-shop-prod"

var owner = targets.Owner{Policy: "shop", Environment: "prod"}

// world is a Consul and a Google Cloud, with the folder of a policy. Its files can be copied, and opened again as another world.
type world struct {
	t       *testing.T
	dir     string // holds policy/ and clouds/
	consul  *sandboxconsul.Consul
	google  *sandboxgoogle.Google
	mesh    string // addresses
	cloud   string
	ahead   atomic.Int64 // how far Consul's clock is ahead, in seconds
	closing []func()
}

func open(t *testing.T, dir string) *world {
	t.Helper()
	w := &world{t: t, dir: dir}
	if err := os.MkdirAll(w.policy(), 0o755); err != nil {
		t.Fatal(err)
	}
	var err error
	w.consul, err = sandboxconsul.Open(filepath.Join(dir, "clouds"), "mesh", sandboxconsul.Options{
		DefaultIntentionPolicy: "deny",
		Now:                    func() time.Time { return time.Now().Add(time.Duration(w.ahead.Load()) * time.Second) },
	})
	w.must(err)
	w.google, err = sandboxgoogle.Open(filepath.Join(dir, "clouds"), sandboxgoogle.Options{AnyAccount: true})
	w.must(err)
	var stopMesh, stopCloud func()
	w.mesh, stopMesh, err = w.consul.Start()
	w.must(err)
	w.cloud, stopCloud, err = w.google.Start()
	w.must(err)
	w.closing = append(w.closing, stopMesh, stopCloud, func() { _ = w.consul.Close() }, func() { _ = w.google.Close() })
	return w
}

// close stops the world; its files stay.
func (w *world) close() {
	for _, stop := range w.closing {
		stop()
	}
}

// copied opens another world that begins as this one stands, which is closed.
func (w *world) copied() *world {
	w.t.Helper()
	dir := w.t.TempDir()
	w.must(os.CopyFS(dir, os.DirFS(w.dir)))
	return open(w.t, dir)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) policy() string { return filepath.Join(w.dir, "policy") }

func (w *world) write(policy string) {
	w.t.Helper()
	w.must(os.WriteFile(filepath.Join(w.policy(), "policy.gate.hcl"), []byte(policy), 0o644))
}

// program prepares a run of the program that sees the mesh at an address.
func (w *world) program(mesh string, args ...string) *exec.Cmd {
	cmd := exec.Command("gatehouse", args...)
	cmd.Dir = w.policy()
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "CONSUL_") }),
		"CONSUL_HTTP_ADDR="+mesh, "GATEHOUSE_GOOGLE_ENDPOINT="+w.cloud, "NO_COLOR=1")
	return cmd
}

// run runs the program to its end, which must be a success.
func (w *world) run(args ...string) string {
	w.t.Helper()
	out, err := w.program(w.mesh, args...).CombinedOutput()
	if err != nil {
		w.t.Fatalf("gatehouse %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// endSessions lets the time pass in which Consul ends the session of a process that is gone, and lets others have its lock.
func (w *world) endSessions() {
	w.t.Helper()
	for range 2 { // the session, and then its lock's delay
		w.ahead.Add(60)
		response, err := http.Get(w.mesh + "/v1/session/list")
		w.must(err)
		_, err = io.Copy(io.Discard, response.Body)
		w.must(errors.Join(err, response.Body.Close()))
	}
}

// graph compiles a policy.
func graph(t *testing.T, policy string) *access.Graph {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "policy.gate.hcl"), []byte(policy), 0o644); err != nil {
		t.Fatal(err)
	}
	result, err := compiler.Compile(os.DirFS(dir), time.Now())
	if err != nil || result.Diagnostics.HasErrors() {
		t.Fatal(err, result.Diagnostics)
	}
	return result.Graph
}

// onlooker reads both planes, and writes to neither.
type onlooker struct {
	t      *testing.T
	sites  []targets.Site
	store  state.Store
	graphs []*access.Graph // the policies between which the world is
	mu     sync.Mutex
}

func (w *world) onlooker(graphs ...*access.Graph) *onlooker {
	w.t.Helper()
	realm := access.RealmOf(graphs[0].Environments[0])
	mesh, err := consul.Connect(consul.Config{Address: w.mesh, Realm: realm})
	w.must(err)
	store := state.Open(consul.NewKV(mesh, owner), state.Options{Owner: owner, Who: "onlooker", Now: time.Now})
	cloud, err := google.Connect(context.Background(), google.Config{Project: project, Endpoint: w.cloud, State: store})
	w.must(err)
	w.closing = append([]func(){func() { _ = cloud.Close() }}, w.closing...)
	return &onlooker{t: w.t, store: store, graphs: graphs, sites: []targets.Site{
		{Environment: "prod", Realm: realm, Driver: consul.Driver{}, Conn: mesh}, {Environment: "prod", Driver: google.Driver{}, Conn: cloud}}}
}

// look fails where somebody has access that none of the policies gives, where what others have has changed, and where a binding is neither
// claimed nor of others. It returns the items that are claimed and live, and all claims.
func (o *onlooker) look(when string) (live, claims []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, s := range o.sites {
		var declared, edges []access.Edge
		var containers []targets.Container
		for _, g := range o.graphs {
			v, err := targets.Observe(context.Background(), s, g, time.Now())
			if err != nil {
				o.t.Errorf("%s: %v", when, err)
				return nil, nil
			}
			declared, edges, containers = append(declared, v.Proof.Declared()...), append(edges, v.Edges...), append(containers, v.Live.Containers...)
		}
		theirs := slices.DeleteFunc(access.Subtract(edges, declared), func(e access.Edge) bool { return !strings.HasPrefix(e.From.Name, "user:") })
		for _, e := range access.Subtract(access.Subtract(edges, declared), theirs) {
			o.t.Errorf("%s: neither policy gives: %s", when, targets.Sentence(e))
		}
		if s.Driver == (google.Driver{}) {
			live = o.bindings(when, containers, theirs)
		}
	}
	s, err := o.store.Read(context.Background())
	if err != nil || s.Standing == state.Lost || s.Standing == state.Old {
		o.t.Errorf("%s: the state is %s: %v", when, s.Standing, err)
	}
	for _, k := range s.Claims.Containers() {
		for _, item := range s.Claims.Items(k) {
			claims = append(claims, k.Name+" "+item)
		}
	}
	slices.Sort(claims)
	return live, claims
}

// bindings looks at what stands in secrets' policies.
func (o *onlooker) bindings(when string, containers []targets.Container, theirs []access.Edge) (ours []string) {
	foreign := 0
	seen := map[string]bool{}
	for _, c := range containers {
		for _, item := range c.Items {
			text := c.Key.Name + " " + item.Key
			switch {
			case seen[text]:
			case strings.Contains(item.Key, "user:"):
				if foreign++; item.Ours {
					o.t.Errorf("%s: claimed, and of others: %s", when, text)
				}
			case !item.Ours:
				o.t.Errorf("%s: granted, and not claimed: %s", when, text)
			default:
				ours = append(ours, text)
			}
			seen[text] = true
		}
	}
	if foreign != len(foreignBindings) || len(theirs) == 0 {
		o.t.Errorf("%s: %d bindings of others are left of %d", when, foreign, len(foreignBindings))
	}
	slices.Sort(ours)
	return ours
}

// foreignBindings are what somebody else has put into secrets' policies; the last one is on a role's writer.
var foreignBindings = []struct{ secret, role string }{
	{"narrow", google.Reader}, {"mixed", google.Reader}, {"leaving", google.Reader}, {"same", google.Writer},
}

// others act: bindings on secrets, and a role on the project.
func (w *world) others() {
	w.t.Helper()
	ctx := context.Background()
	for _, b := range foreignBindings {
		w.must(w.google.Bind(ctx, fmt.Sprintf("projects/%s/secrets/%s", project, b.secret), b.role, "user:eve@acme.example"))
	}
	w.must(w.google.Bind(ctx, "projects/"+project, "roles/secretmanager.secretAccessor", "user:mallory@acme.example"))
}
