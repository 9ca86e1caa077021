// Package google plans and applies against the double of Google Cloud, with the official clients on both sides: what the driver does
// to policies that others write at the same time, and what it says when a call fails. It is tests alone.
package google

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/iam"
	iamadmin "cloud.google.com/go/iam/admin/apiv1"
	"cloud.google.com/go/iam/apiv1/iampb"
	resourcemanager "cloud.google.com/go/resourcemanager/apiv3"
	secretmanager "cloud.google.com/go/secretmanager/apiv1"
	"google.golang.org/api/option"
	"google.golang.org/genproto/googleapis/type/expr"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
	"gatehouse/targets"
	"gatehouse/targets/google"
	sandbox "gatehouse/targets/sandbox/google"
	"gatehouse/targets/state"
)

const (
	project = "projects/acme-prod"
	reader  = google.Reader
)

var now = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)

func account(name string) string { return name + "@acme-prod.iam.gserviceaccount.com" }
func member(name string) string  { return "serviceAccount:" + account(name) }
func secret(name string) string  { return project + "/secrets/" + name }

// world is a project of the double, with the official clients of somebody who may do everything, and a place for the state.
type world struct {
	*sandbox.Google
	t        testing.TB
	address  string
	secrets  *secretmanager.Client
	projects *resourcemanager.ProjectsClient
	iam      *iamadmin.IamClient
	folder   string       // of the state
	memory   state.Medium // in the folder's place, where many states are needed fast; nil: the folder
	told     [][2]int     // progress of reading: done and total
}

func newWorld(t testing.TB, o sandbox.Options, secrets ...string) *world {
	t.Helper()
	if o.Clock == nil {
		o.Clock = func() time.Time { return now }
	}
	o.AnyAccount = true
	double, err := sandbox.Open("", o)
	if err != nil {
		t.Fatal(err)
	}
	if err := double.Seed(sandbox.Seed{Project: "acme-prod", Number: "123456789012", Secrets: secrets}); err != nil {
		t.Fatal(err)
	}
	address, stop, err := double.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); double.Close() })
	w := &world{Google: double, t: t, address: address, folder: t.TempDir()}
	options := []option.ClientOption{option.WithEndpoint(address), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials()))}
	ctx := context.Background()
	var errs [3]error
	w.secrets, errs[0] = secretmanager.NewClient(ctx, options...)
	w.projects, errs[1] = resourcemanager.NewProjectsClient(ctx, options...)
	w.iam, errs[2] = iamadmin.NewIamClient(ctx, options...)
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { w.secrets.Close(); w.projects.Close(); w.iam.Close() })
	return w
}

var owner = targets.Owner{Policy: "acme", Environment: "prod"}

func (w *world) store() state.Store {
	if w.memory != nil {
		return state.Open(w.memory, state.Options{Owner: owner, Who: "ci@runner", Now: func() time.Time { return now }})
	}
	return state.Open(state.NewFile(state.FilePath(w.folder, owner)), state.Options{
		Owner: owner, Who: "ci@runner", Now: func() time.Time { return now }, Witness: state.NewFileWitness(w.folder + "/elsewhere/seen")})
}

// site connects as the operator, unless an option says otherwise.
func (w *world) site(ownership model.Ownership, options ...option.ClientOption) targets.Site {
	w.t.Helper()
	conn, err := google.Connect(context.Background(), google.Config{
		Project: "acme-prod", ProjectNumber: "123456789012", Ownership: ownership, Endpoint: w.address, State: w.store(),
		Patience: 5 * time.Second, Now: func() time.Time { return now }, Options: options,
		Progress: func(done, total int) { w.told = append(w.told, [2]int{done, total}) },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { conn.Close() })
	return targets.Site{Environment: "prod", Driver: google.Driver{}, Conn: conn}
}

// as makes calls come from somebody.
func as(principal string) option.ClientOption {
	return option.WithGRPCDialOption(sandbox.As(principal))
}

func (w *world) policy(name string) *iampb.Policy {
	w.t.Helper()
	p, err := w.secrets.GetIamPolicy(context.Background(), &iampb.GetIamPolicyRequest{Resource: name,
		Options: &iampb.GetPolicyOptions{RequestedPolicyVersion: 3}})
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// grants lists what a secret's policy holds: ROLE MEMBER, and the condition after "if", sorted.
func (w *world) grants(name string) []string {
	out := []string{}
	for _, b := range w.policy(secret(name)).Bindings {
		for _, m := range b.Members {
			text := strings.TrimPrefix(b.Role, "roles/") + " " + strings.TrimSuffix(m, "@acme-prod.iam.gserviceaccount.com")
			if b.Condition != nil {
				text += " if " + b.Condition.Expression
			}
			out = append(out, text)
		}
	}
	slices.Sort(out)
	return out
}

// bind is what somebody else does: add one member to a role of a secret's policy, under a condition or none. It tries until it succeeds.
func (w *world) bind(name, role, who, condition string) {
	w.edit(name, func(p *iampb.Policy) {
		b := &iampb.Binding{Role: role, Members: []string{who}}
		if condition != "" {
			b.Condition = &expr.Expr{Title: "theirs", Expression: condition}
		}
		p.Bindings = append(p.Bindings, b)
	})
}

// unbind takes a member out of all bindings of a role.
func (w *world) unbind(name, role, who string) {
	w.edit(name, func(p *iampb.Policy) {
		for _, b := range p.Bindings {
			if b.Role == role {
				b.Members = slices.DeleteFunc(b.Members, func(m string) bool { return m == who })
			}
		}
		p.Bindings = slices.DeleteFunc(p.Bindings, func(b *iampb.Binding) bool { return len(b.Members) == 0 })
	})
}

func (w *world) edit(name string, change func(*iampb.Policy)) {
	w.t.Helper()
	for {
		p := w.policy(secret(name))
		change(p)
		p.Version = 3
		_, err := w.secrets.SetIamPolicy(context.Background(), &iampb.SetIamPolicyRequest{Resource: secret(name), Policy: p})
		if err == nil {
			return
		}
		if !strings.Contains(err.Error(), "concurrent policy changes") {
			w.t.Error(err)
			return
		}
	}
}

// onProject binds a role on the project.
func (w *world) onProject(role, who string) {
	w.t.Helper()
	_, err := w.projects.SetIamPolicy(context.Background(), &iampb.SetIamPolicyRequest{Resource: project,
		Policy: &iampb.Policy{Version: 3, Bindings: []*iampb.Binding{{Role: role, Members: []string{who}}}}})
	if err != nil {
		w.t.Fatal(err)
	}
}

// graph returns declared access from lines such as "web -> key 2027-02-01": who reads what until when. A line of a secret alone declares it.
func graph(t testing.TB, lines ...string) *access.Graph {
	t.Helper()
	p := &model.Policy{Name: "acme", Environments: []*model.Environment{{Name: "prod", Tier: model.Production,
		Google: &model.Google{Project: "acme-prod", ProjectNumber: "123456789012"}}}}
	seen := map[addr.Address]bool{}
	for n, line := range lines {
		from, to, granted := strings.Cut(line, " -> ")
		if !granted {
			to = line
		}
		to, until, _ := strings.Cut(to, " ")
		k, who := addr.New(addr.Secret, to), addr.New(addr.Workload, from)
		if !seen[k] {
			p.Secrets = append(p.Secrets, &model.Secret{Addr: k, Places: []model.SecretPlace{
				{Environment: "prod", Project: "acme-prod", Secret: model.Text{Value: to}}}})
		}
		if granted && !seen[who] {
			p.Workloads = append(p.Workloads, &model.Workload{Addr: who, Places: []model.WorkloadPlace{
				{Environment: "prod", ServiceAccount: model.Text{Value: account(from)}}}})
		}
		seen[k], seen[who] = true, true
		if granted {
			a := &model.Allow{Addr: addr.New(addr.Allow, fmt.Sprintf("n%d", n)), From: []model.Ref{{Addr: who}}, To: []model.Ref{{Addr: k}},
				Actions: []model.Action{model.Read}}
			if until != "" {
				a.Interval.Expires, _ = time.Parse(time.DateOnly, until)
			}
			p.Allows = append(p.Allows, a)
		}
	}
	g, diags := access.Build(p, now)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return g
}

// plan plans, and apply does it; both fail the test on an error.
func plan(t testing.TB, s targets.Site, g *access.Graph, adopt bool) targets.Plan {
	t.Helper()
	p, err := targets.MakePlan(context.Background(), []targets.Site{s}, g, targets.PlanOptions{At: now, Adopt: adopt})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func apply(t testing.TB, s targets.Site, g *access.Graph) targets.Outcome {
	t.Helper()
	return execute(t, plan(t, s, g, false), s, g)
}

func execute(t testing.TB, p targets.Plan, s targets.Site, g *access.Graph) targets.Outcome {
	t.Helper()
	out, err := targets.Apply(context.Background(), p, []targets.Site{s}, g,
		targets.ApplyOptions{Now: func() time.Time { return now }, ExpectRemovals: targets.Removals(p)}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// told lists the results of an outcome that are not settled.
func told(o targets.Outcome) string {
	text, _ := json.MarshalIndent(o, "", " ")
	return string(text)
}

// claimed lists the claims on a secret.
func (w *world) claimed(name string) []string {
	w.t.Helper()
	s, err := w.store().Read(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	out := []string{}
	for _, item := range s.Claims.Items(targets.Key{Kind: google.SecretPolicy, Name: secret(name)}) {
		item = strings.ReplaceAll(strings.TrimPrefix(item, "roles/"), "@acme-prod.iam.gserviceaccount.com", "")
		out = append(out, item)
	}
	return out
}

// iamPolicy is a request of IAM's client, whose policy is a type of its own.
func iamPolicy(resource string, bindings ...*iampb.Binding) *iamadmin.SetIamPolicyRequest {
	return &iamadmin.SetIamPolicyRequest{Resource: resource, Policy: &iam.Policy{InternalProto: &iampb.Policy{Version: 3, Bindings: bindings}}}
}

// memory is a state's medium that lasts as long as the test.
type memory struct {
	mu       sync.Mutex
	document []byte
	saves    int
}

func (m *memory) Load(context.Context) ([]byte, string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.saves == 0 {
		return nil, "", nil
	}
	return m.document, fmt.Sprint(m.saves), nil
}

func (m *memory) Save(ctx context.Context, document []byte, version string) error {
	_, now, _ := m.Load(ctx)
	m.mu.Lock()
	defer m.mu.Unlock()
	if now != version {
		return state.ErrMoved
	}
	m.document, m.saves = document, m.saves+1
	return nil
}

func (m *memory) Lock(ctx context.Context, _ state.Holder, _ time.Duration) (context.Context, func() error, error) {
	return ctx, func() error { return nil }, nil
}

func (m *memory) String() string { return "memory" }
