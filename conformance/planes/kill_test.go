package planes

import (
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc/codes"

	"gatehouse/targets/sandbox"
	sandboxgoogle "gatehouse/targets/sandbox/google"
)

// before and after are two policies whose difference has narrowings, mixed changes, widenings, leaving ones and coming ones on both planes,
// and an interval that changes. Enough stays the same that nobody takes the difference for a mistake.
var (
	before = shop(map[string]string{"narrow": "a b", "mixed": "a", "wide": "a", "leaving": "a", "later": "a 2199"})
	after  = shop(map[string]string{"narrow": "a", "mixed": "b", "wide": "a b", "coming": "b", "later": "a 2198"})
)

var secrets = []string{"narrow", "mixed", "wide", "leaving", "coming", "later", "same"}

// shop writes a policy in which workloads reach a store and a secret of each name, some until a year.
func shop(things map[string]string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "gatehouse {\n  policy = \"shop\"\n  packs = []\n}\nenvironment \"prod\" {\n  tier = \"production\"\n  consul {}\n"+
		"  google { project = %q }\n}\n", project)
	for _, w := range everybody() {
		fmt.Fprintf(&out, "workload %q {\n  environments = [environment.prod]\n  in \"prod\" { service_account = \"worker-%s@%s.iam.gserviceaccount.com\" }\n}\n",
			w, w, project)
	}
	things = maps.Clone(things)
	things["same"] = strings.Join(everybody(), " ")
	for _, name := range secrets {
		who, declared := things[name]
		if !declared {
			continue
		}
		fmt.Fprintf(&out, "feature_store %q {\n  classification = \"internal\"\n  environments = [environment.prod]\n  online {}\n}\n"+
			"secret %q {\n  classification = \"internal\"\n  environments = [environment.prod]\n}\n", name, name)
		ends := ""
		for _, w := range strings.Fields(who) {
			if strings.HasPrefix(w, "2") {
				ends = fmt.Sprintf("  expires = \"%s-01-01T00:00:00Z\"\n", w)
			}
		}
		for _, w := range strings.Fields(who) {
			if !strings.HasPrefix(w, "2") {
				fmt.Fprintf(&out, "allow \"%s-%s\" {\n  from = [workload.%s]\n  to = [feature_store.%s, secret.%s]\n%s}\n", name, w, w, name, name, ends)
			}
		}
	}
	return out.String()
}

// everybody are all workloads.
func everybody() []string {
	out := []string{"a", "b"}
	for i := range 20 {
		out = append(out, fmt.Sprintf("w%02d", i))
	}
	return out
}

// TestKilledOnBothPlanes goes from one policy to the other and dies before or after any of the writes to Consul, those of the state and its
// lock among them, and any of the writes to Google. Whatever it leaves: nobody has what neither policy gives, what others have stays, and
// nothing is granted that isn't claimed. The next apply finishes.
func TestKilledOnBothPlanes(t *testing.T) {
	if testing.Short() {
		t.Log("every fourth point alone")
	}
	first := open(t, t.TempDir())
	first.must(first.google.Seed(sandboxgoogle.Seed{Project: project, Secrets: secrets}))
	first.others()
	first.write(before)
	first.run("apply", "--auto-approve")
	first.write(after)
	first.close()
	old, now := graph(t, before), graph(t, after)

	t.Run("watched", func(t *testing.T) {
		w := first.again(t)
		defer w.close()
		o := w.onlooker(old, now)
		d := &deadly{world: w, watch: o.look}
		d.run()
		finished(w, o)
		t.Logf("%d writes to Consul and %d to Google, each of them watched", d.seen[mesh], d.seen[cloud])
		if d.seen[mesh] < 10 || d.seen[cloud] < 5 {
			t.Error("there is too little between which to die")
		}
	})
	for _, p := range []plane{mesh, cloud} {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/done=%t", p, done), func(t *testing.T) {
				points := 0
				for at := 1; ; at++ {
					if testing.Short() && at%4 != 2 && at > 1 {
						continue
					}
					w := first.again(t)
					o := w.onlooker(old, now)
					d := &deadly{world: w, plane: p, at: at, done: done}
					d.run()
					if !d.dead { // it had fewer writes than that
						w.close()
						break
					}
					points++
					when := fmt.Sprintf("killed at write %d to %s, done: %t", at, p, done)
					o.look(when)
					w.endSessions()
					w.run("apply", "--auto-approve")
					finished(w, o)
					w.close()
					if t.Failed() {
						t.Fatal(when)
					}
				}
				t.Logf("killed %d times", points)
			})
		}
	}
}

// again opens a copy of a world for a test of its own.
func (w *world) again(t *testing.T) *world {
	t.Helper()
	here := &world{t: t, dir: w.dir}
	return here.copied()
}

// finished fails unless a world is as the new policy says, with a claim for every grant and none besides.
func finished(w *world, o *onlooker) {
	w.t.Helper()
	live, claims := o.look("in the end")
	for _, c := range claims {
		if !slices.Contains(live, c) {
			w.t.Errorf("claimed in the end, and not granted: %s", c)
		}
	}
	if len(live) != 6+len(everybody()) {
		w.t.Errorf("%d items are granted in the end: %q", len(live), live)
	}
	if out := w.run("plan"); !strings.Contains(out, "no changes") {
		w.t.Errorf("something is left to write:\n%s", out)
	}
}

// plane is where a write goes.
type plane string

const (
	mesh  plane = "Consul"
	cloud plane = "Google"
)

// deadly runs an apply, with somebody between it and both planes who lets one write through at a time, and kills it at one of them.
type deadly struct {
	*world
	plane plane
	at    int // of the plane's writes; 0: never
	done  bool
	watch func(when string) (live, claims []string) // is called after each write; nil: nobody watches

	mu      sync.Mutex
	seen    map[plane]int
	process *os.Process
	dead    bool
}

func (d *deadly) run() {
	d.t.Helper()
	d.seen = map[plane]int{}
	target, err := url.Parse(d.mesh)
	d.must(err)
	through := httputil.NewSingleHostReverseProxy(target)
	through.ErrorLog = log.New(io.Discard, "", 0) // requests of one that is dead
	server := httptest.NewServer(d.between(through))
	defer server.Close()
	if d.plane == cloud && !d.done {
		d.google.Inject(sandbox.Fault{Nth: d.at, Status: int(codes.Unavailable)}) // the write that dies with its sender
	}
	d.google.OnWrite(d.beforeCloud, d.afterCloud)
	defer d.google.OnWrite(nil, nil)
	cmd := d.program(server.URL, "apply", "--auto-approve")
	out := &strings.Builder{}
	cmd.Stdout, cmd.Stderr = out, out
	d.mu.Lock()
	err = cmd.Start()
	d.process = cmd.Process
	d.mu.Unlock()
	d.must(err)
	err = cmd.Wait()
	d.google.Clear()
	d.mu.Lock()
	defer d.mu.Unlock()
	var exit *exec.ExitError
	if d.dead && (!errors.As(err, &exit) || exit.Exited()) {
		d.t.Errorf("it was to be killed at write %d to %s, and ended with %v", d.at, d.plane, err)
	}
	if !d.dead && err != nil {
		d.t.Errorf("apply: %v\n%s", err, out)
	}
}

// count counts a write and reports whether it is the one to die at.
func (d *deadly) count(p plane) bool {
	d.seen[p]++
	return p == d.plane && d.seen[p] == d.at
}

func (d *deadly) kill() {
	d.dead = true
	_ = d.process.Kill()
}

func (d *deadly) written(p plane) {
	if d.watch != nil {
		d.watch(fmt.Sprintf("after write %d to %s", d.seen[p], p))
	}
}

func (d *deadly) between(through http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			through.ServeHTTP(w, r)
			return
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.dead { // a write that was on its way
			return
		}
		switch dies := d.count(mesh); {
		case !dies:
			through.ServeHTTP(w, r)
			d.written(mesh)
		case d.done:
			through.ServeHTTP(httptest.NewRecorder(), r)
			d.kill()
		default:
			d.kill()
		}
	})
}

// beforeCloud and afterCloud are called around each write to Google, which happens under the lock: whoever watches sees no half of anything.
func (d *deadly) beforeCloud(int) {
	d.mu.Lock()
	if d.count(cloud) && !d.done {
		d.kill()
		d.mu.Unlock() // nothing is done, so that nothing comes after it
	}
}

func (d *deadly) afterCloud(int) {
	defer d.mu.Unlock()
	if d.plane == cloud && d.done && d.seen[cloud] == d.at {
		d.kill()
	}
	d.written(cloud)
}
