package google

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/iam/apiv1/iampb"
	denypb "cloud.google.com/go/iam/apiv2/iampb"
	resourcemanager "cloud.google.com/go/resourcemanager/apiv3"
	secretmanager "cloud.google.com/go/secretmanager/apiv1"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"gatehouse/compiler/access"
	"gatehouse/targets"
	"gatehouse/targets/google"
	sandbox "gatehouse/targets/sandbox/google"
)

// people are those who are asked about, and the groups and domains that each is in: sre holds ann and leads, leads holds bob.
var people = map[string][]string{
	"user:ann@acme.example":  {"group:sre@acme.example", "domain:acme.example"},
	"user:bob@acme.example":  {"group:sre@acme.example", "group:leads@acme.example", "domain:acme.example"},
	"user:eve@other.example": nil,
	member("web"):            nil,
}

var memberships = map[string][]string{
	"sre@acme.example":   {"user:ann@acme.example", "group:leads@acme.example"},
	"leads@acme.example": {"user:bob@acme.example"},
}

// TestJudged puts random allow and deny policies into the double, and compares what it lets each of some people do with what Inspect and Interpret
// say of them: the two share no code. GATEHOUSE_WORLDS says how many are tried (40), GATEHOUSE_SEED repeats a run.
func TestJudged(t *testing.T) {
	worlds, seed := variable("GATEHOUSE_WORLDS", 40), uint64(variable("GATEHOUSE_SEED", int(time.Now().UnixNano()%1_000_000)))
	t.Logf("GATEHOUSE_SEED=%d", seed)
	draw := rand.New(rand.NewPCG(seed, 0))
	seen := map[bool]int{}
	for i := range worlds {
		if !t.Run(strconv.Itoa(i), func(t *testing.T) { judged(t, draw, seen) }) { // which closes its world
			break
		}
	}
	t.Log(seen)
}

func judged(t *testing.T, draw *rand.Rand, seen map[bool]int) {
	w := newWorld(t, sandbox.Options{}, "key")
	told := w.random(draw)
	edges := w.interpreted()
	for name, sets := range people {
		for _, verb := range []access.Verb{access.ReadData, access.WriteData} {
			want := w.may(name, sets, verb)
			got := access.Reaches(edges, access.Principal{Target: access.Google, Name: name}, keySurface, verb, now)
			seen[want]++
			if got != want {
				t.Fatalf("%s %s: the double says %t, Interpret %t\n%s", name, verb, want, got, strings.Join(told, "\n"))
			}
		}
	}
}

var keySurface = access.Surface{Target: access.Google, Kind: google.Secret, Name: secret("key")}

func variable(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// random fills a world, and tells with what.
func (w *world) random(draw *rand.Rand) (told []string) {
	pick := func(list ...string) string { return list[draw.IntN(len(list))] }
	who := func(at string) string {
		if at == secret("key") && draw.IntN(8) == 0 {
			return "allAuthenticatedUsers" // which Google refuses on projects
		}
		return pick("user:ann@acme.example", "user:bob@acme.example", "user:eve@other.example", member("web"), "group:sre@acme.example", "group:leads@acme.example", "domain:acme.example")
	}
	for _, at := range []string{secret("key"), project} {
		p := &iampb.Policy{}
		if at == project { // so that everybody is known by name
			p.Bindings = append(p.Bindings, &iampb.Binding{Role: "roles/viewer", Members: slices.Sorted(maps.Keys(people))})
		}
		for range draw.IntN(3) {
			role := pick(google.Reader, google.Writer, "roles/secretmanager.admin", "roles/secretmanager.viewer")
			if at == project {
				role = pick(role, "roles/viewer", "roles/secretmanager.admin", "roles/iam.securityAdmin")
			}
			p.Bindings = append(p.Bindings, &iampb.Binding{Role: role, Members: []string{who(at)}})
		}
		w.put(at, p)
		told = append(told, at+": "+p.String())
	}
	denied := []string{"principalSet://goog/public:all", "principal://goog/subject/ann@acme.example", "principalSet://goog/group/sre@acme.example",
		"principalSet://goog/group/leads@acme.example", "principal://iam.googleapis.com/projects/-/serviceAccounts/" + account("web")}
	permissions := []string{"secretmanager.googleapis.com/versions.access", "secretmanager.googleapis.com/versions.*", "secretmanager.googleapis.com/*.*",
		"secretmanager.googleapis.com/*.setIamPolicy", "cloudresourcemanager.googleapis.com/projects.setIamPolicy"}
	for i := range draw.IntN(3) {
		r := &denypb.DenyRule{DeniedPrincipals: []string{pick(denied...)}, DeniedPermissions: []string{pick(permissions...)}}
		if draw.IntN(2) == 0 {
			r.ExceptionPrincipals = []string{pick(denied...)}
		}
		if draw.IntN(4) == 0 {
			r.ExceptionPermissions = []string{pick(permissions...)}
		}
		if err := w.EnsureDenyPolicy("acme-prod", fmt.Sprintf("guard-%d", i), r); err != nil {
			w.t.Fatal(err)
		}
		told = append(told, "deny: "+r.String())
	}
	return told
}

func (w *world) put(at string, p *iampb.Policy) {
	w.t.Helper()
	var err error
	if at == project {
		_, err = w.projects.SetIamPolicy(context.Background(), &iampb.SetIamPolicyRequest{Resource: at, Policy: p})
	} else {
		_, err = w.secrets.SetIamPolicy(context.Background(), &iampb.SetIamPolicyRequest{Resource: at, Policy: p})
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// interpreted reads the world with the driver, to which the groups' members are told, and says what it means.
func (w *world) interpreted() []access.Edge {
	w.t.Helper()
	conn, err := google.Connect(context.Background(), google.Config{Project: "acme-prod", Endpoint: w.address, State: w.store(), Groups: memberships})
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close()
	live, err := conn.Inspect(context.Background(), targets.Scope{Owner: owner, Keys: []targets.Key{{Kind: google.SecretPolicy, Name: secret("key")}}})
	if err != nil || len(live.Unknown) > 0 {
		w.t.Fatal(err, live.Unknown)
	}
	facts := targets.Facts{Objects: slices.Clone(live.Context), Surfaces: []access.Surface{keySurface}}
	for _, c := range live.Containers {
		facts.Objects = append(facts.Objects, targets.Object{Key: c.Key, Body: c.Body})
	}
	edges, err := google.Driver{}.Interpret(facts, now)
	if err != nil {
		w.t.Fatal(err)
	}
	return edges
}

// may asks the double as somebody: whether they have the permission itself, or one to grant it to themselves.
func (w *world) may(who string, sets []string, verb access.Verb) bool {
	w.t.Helper()
	ctx := context.Background()
	options := []option.ClientOption{option.WithEndpoint(w.address), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())), option.WithGRPCDialOption(sandbox.As(who, sets...))}
	secrets, err := secretmanager.NewClient(ctx, options...)
	if err != nil {
		w.t.Fatal(err)
	}
	defer secrets.Close()
	projects, err := resourcemanager.NewProjectsClient(ctx, options...)
	if err != nil {
		w.t.Fatal(err)
	}
	defer projects.Close()
	permission := map[access.Verb]string{access.ReadData: "secretmanager.versions.access", access.WriteData: "secretmanager.versions.add"}[verb]
	on, err := secrets.TestIamPermissions(ctx, &iampb.TestIamPermissionsRequest{Resource: secret("key"), Permissions: []string{permission, "secretmanager.secrets.setIamPolicy"}})
	if err != nil {
		w.t.Fatal(err)
	}
	above, err := projects.TestIamPermissions(ctx, &iampb.TestIamPermissionsRequest{Resource: project, Permissions: []string{"resourcemanager.projects.setIamPolicy"}})
	if err != nil {
		w.t.Fatal(err)
	}
	return len(on.Permissions)+len(above.Permissions) > 0
}

// TestDeniesUnread lets somebody read who may not see deny policies: access is told without them, and that they are not known.
func TestDeniesUnread(t *testing.T) {
	w := newWorld(t, sandbox.Options{}, "key")
	if err := w.EnsureRole(project+"/roles/reviewer", "secretmanager.secrets.getIamPolicy", "secretmanager.secrets.list", "resourcemanager.projects.get",
		"resourcemanager.projects.getIamPolicy", "iam.serviceAccounts.getIamPolicy"); err != nil {
		t.Fatal(err)
	}
	w.put(project, &iampb.Policy{Bindings: []*iampb.Binding{{Role: project + "/roles/reviewer", Members: []string{"user:rev@acme.example"}}}})
	live, err := w.site("", as("user:rev@acme.example")).Conn.Inspect(context.Background(), targets.Scope{Owner: owner, Keys: []targets.Key{{Kind: google.SecretPolicy, Name: secret("key")}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range live.Unknown {
		if u.What == "deny policies of "+project && strings.Contains(u.Reason, "iam.denypolicies.list") {
			return
		}
	}
	t.Errorf("nothing says that deny policies could not be read: %v", live.Unknown)
}

func TestReadGroups(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{`{"groups":{"sre@acme.example":["user:ann@acme.example","group:leads@acme.example"]}}`, ""},
		{`{"groups":{}}`, ""},
		{`{}`, `there is no field "groups"`},
		{`{"group":{}}`, `unknown field "group"`},
		{`{"groups":{"group:sre@acme.example":[]}}`, `"group:sre@acme.example" is no address`},
		{`{"groups":{"sre@acme.example":["ann@acme.example"]}}`, `sre@acme.example: "ann@acme.example" is no member`},
		{`[`, "unexpected EOF"},
	} {
		_, err := google.ReadGroups(strings.NewReader(test.text))
		if text := fmt.Sprint(err); (err == nil) != (test.want == "") || !strings.Contains(text, test.want) {
			t.Errorf("%s: %v, want %s", test.text, err, test.want)
		}
	}
}
