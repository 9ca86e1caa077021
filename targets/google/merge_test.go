package google_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/targets"
	"gatehouse/targets/google"
)

const key = "projects/acme-prod/secrets/key"

func live(t testing.TB, body string) *targets.Container {
	t.Helper()
	c, err := google.Normal(key, json.RawMessage(body), func(string) bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	return &c
}

func TestNormal(t *testing.T) {
	got := live(t, `{"version":3,"etag":"BwWW","bindings":[`+
		bind(google.Reader, "user:Ann@Acme.Example", "user:ann@acme.example", "deleted:user:Bob@acme.example?uid=7")+","+
		bind(google.Reader, "user:ann@acme.example", "if", `request.time < timestamp("2030-01-01T00:00:00Z")`)+","+
		bind(google.Writer, "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/P/subject/Main")+","+
		bind("roles/secretmanager.admin", "group:sre@acme.example")+`]}`)
	var keys []string
	for _, i := range got.Items {
		keys = append(keys, i.Key)
	}
	want := []string{
		`roles/secretmanager.secretAccessor deleted:user:bob@acme.example?uid=7`,
		`roles/secretmanager.secretAccessor user:ann@acme.example`,
		`roles/secretmanager.secretAccessor user:ann@acme.example if "t" "request.time < timestamp(\"2030-01-01T00:00:00Z\")"`,
		`roles/secretmanager.secretVersionAdder principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/P/subject/Main`,
	}
	if diff := cmp.Diff(want, keys); diff != "" || got.Token != "BwWW" {
		t.Error(got.Token, diff)
	}
}

// TestMerge keeps everything that is not ours, whatever it is.
func TestMerge(t *testing.T) {
	theirs := `{"version":1,"etag":"BwWW","auditConfigs":[{"service":"allServices","auditLogConfigs":[{"logType":"DATA_READ"}]}],"bindings":[` +
		bind("roles/owner", "user:ann@acme.example") + "," +
		bind(google.Reader, "deleted:serviceAccount:x@acme-prod.iam.gserviceaccount.com?uid=1", "serviceAccount:"+email("web")) + "," +
		bind(google.Reader, "serviceAccount:"+email("web"), "if", "request.host == \"x\"") + `]}`
	want := compile(t, graph(t, "job -> key")).Containers[0]
	body, err := google.Driver{}.Merge(&want, live(t, theirs), []string{google.Reader + " serviceAccount:" + email("web")}, targets.Owner{})
	if err != nil {
		t.Fatal(err)
	}
	expected := `{"auditConfigs":[{"service":"allServices","auditLogConfigs":[{"logType":"DATA_READ"}]}],"bindings":[` +
		`{"role":"roles/owner","members":["user:ann@acme.example"]},` +
		`{"role":"roles/secretmanager.secretAccessor","members":["deleted:serviceAccount:x@acme-prod.iam.gserviceaccount.com?uid=1","serviceAccount:job@acme-prod.iam.gserviceaccount.com"]},` +
		`{"role":"roles/secretmanager.secretAccessor","members":["serviceAccount:web@acme-prod.iam.gserviceaccount.com"],"condition":{"title":"t","expression":"request.host == \"x\""}}],` +
		`"etag":"BwWW","version":3}`
	if diff := cmp.Diff(expected, string(body)); diff != "" {
		t.Error(diff)
	}
	if _, err := (google.Driver{}).Merge(nil, nil, nil, targets.Owner{}); err == nil {
		t.Error("nothing was merged")
	}
	if _, err := (google.Driver{}).Merge(&want, &targets.Container{Body: json.RawMessage(`{"bindings":[{"role":"r","members":["m"],"new":1}]}`)}, nil, targets.Owner{}); err == nil {
		t.Error("a binding with a field that would be lost was merged")
	}
}

// TestMergeLimits counts what others have put there.
func TestMergeLimits(t *testing.T) {
	users := func(kind string, n int) []string {
		var out []string
		for i := range n {
			out = append(out, fmt.Sprintf("%s:u%d@acme.example", kind, i))
		}
		return out
	}
	var crowd []string
	for i := range 20 {
		crowd = append(crowd, bind(google.Reader, "serviceAccount:"+email("web"), "if", fmt.Sprintf("request.host == %q", fmt.Sprint(i))))
	}
	for _, test := range []struct{ want, bindings string }{
		{"", bind("roles/viewer", users("user", 1499)...)},
		{"1 of read + 0 of write + 1500 of other roles = 1501 of 1500", bind("roles/viewer", users("user", 1500)...)},
		{"251 groups and domains", bind("roles/viewer", users("group", 251)...)},
		{"under 21 conditions", strings.Join(crowd, ",")},
	} {
		want := compile(t, graph(t, "web -> key")).Containers[0]
		_, err := google.Driver{}.Merge(&want, live(t, `{"bindings":[`+test.bindings+`]}`), nil, targets.Owner{})
		if test.want == "" && err == nil {
			continue
		}
		if err == nil || test.want == "" || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, want %q", err, test.want)
		}
	}
	full := live(t, `{"bindings":[`+bind(google.Reader, users("user", 1600)...)+`]}`)
	if _, err := (google.Driver{}).Merge(nil, full, []string{full.Items[0].Key}, targets.Owner{}); err != nil {
		t.Errorf("taking away fails: %v", err)
	}
}

func TestPosture(t *testing.T) {
	const logged = `{"auditConfigs":[{"service":%q,"auditLogConfigs":[{"logType":%q,"exemptedMembers":[%s]}]}]}`
	policy := func(service, kind, exempted string) targets.Object {
		return object("project-policy projects/acme-prod", fmt.Sprintf(logged, service, kind, exempted))
	}
	secret := func(body string) targets.Object { return object("secret "+key, body) }
	next := func(at string) targets.Object { return secret(`{"rotation":{"nextRotationTime":"` + at + `"}}`) }
	fine := next("2027-02-01T00:00:00Z")
	for _, test := range []struct {
		want    string
		context []targets.Object
	}{
		{"", []targets.Object{policy("allServices", "DATA_READ", ""), fine}},
		{"", []targets.Object{policy("secretmanager.googleapis.com", "DATA_READ", ""), fine}},
		{"default: not logged", []targets.Object{policy("secretmanager.googleapis.com", "ADMIN_READ", ""), fine}},
		{"default: not logged", []targets.Object{policy("storage.googleapis.com", "DATA_READ", ""), fine}},
		{"user:ann@acme.example", []targets.Object{policy("allServices", "DATA_READ", `"user:ann@acme.example"`), fine}},
		{"", []targets.Object{object("project-policy projects/acme-prod", `{}`), object("folder-policy folders/1", fmt.Sprintf(logged, "allServices", "DATA_READ", "")), fine}},
		{"default: no rotation", []targets.Object{policy("allServices", "DATA_READ", ""), secret(`{}`)}},
		{"should have rotated at 2026-12-01T00:00:00Z", []targets.Object{policy("allServices", "DATA_READ", ""), next("2026-12-01T00:00:00Z")}},
	} {
		findings := google.Driver{}.Posture(targets.Live{Containers: []targets.Container{*live(t, `{}`)}, Context: test.context,
			Settings: targets.Settings{google.ReadAt: "2027-01-01T00:00:00Z"}})
		var got []string
		for _, f := range findings {
			text := f.Detail
			if f.Default {
				text = "default: " + text
			}
			got = append(got, text)
		}
		words := strings.Fields(test.want)
		if test.want == "" && len(got) == 0 || len(got) == 1 && test.want != "" && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(got[0], w) }) {
			continue
		}
		t.Errorf("%s: %q, want %q", test.context, got, test.want)
	}
}
