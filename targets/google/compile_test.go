package google_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/targets"
	"gatehouse/targets/google"
)

func TestCompile(t *testing.T) {
	const from, to = "request.time >= timestamp(%q)", "request.time < timestamp(%q)"
	begin := func(day string) string { return fmt.Sprintf(from, day+"T00:00:00Z") }
	end := func(day string) string { return fmt.Sprintf(to, day+"T00:00:00Z") }
	item := func(role, who, title string, clauses ...string) string {
		text := role + " serviceAccount:" + email(who)
		if title != "" {
			text += fmt.Sprintf(" if %q %q", title, strings.Join(clauses, ""))
		}
		return text
	}
	for _, test := range []struct {
		name  string
		lines []string
		want  []string
	}{
		{"a secret alone", []string{"key"}, nil},
		{"read", []string{"web -> key"}, []string{item(google.Reader, "web", "")}},
		{"read and write", []string{"web -> key read,write"}, []string{item(google.Reader, "web", ""), item(google.Writer, "web", "")}},
		{"an end", []string{"web -> key ..2027-02-01"}, []string{item(google.Reader, "web", "gatehouse until 2027-02-01T00:00:00Z", end("2027-02-01"))}},
		{"a beginning", []string{"web -> key 2027-02-01.."}, []string{item(google.Reader, "web", "gatehouse 2027-02-01T00:00:00Z on", begin("2027-02-01"))}},
		{"both", []string{"web -> key 2027-02-01..2027-03-01"}, []string{item(google.Reader, "web",
			"gatehouse 2027-02-01T00:00:00Z to 2027-03-01T00:00:00Z", begin("2027-02-01"), " && ", end("2027-03-01"))}},
		{"intervals that touch are one", []string{"web -> key ..2027-02-01", "web -> key 2027-02-01..2027-03-01"},
			[]string{item(google.Reader, "web", "gatehouse until 2027-03-01T00:00:00Z", end("2027-03-01"))}},
		{"an unbounded one wins", []string{"web -> key ..2027-02-01", "web -> key"}, []string{item(google.Reader, "web", "")}},
		{"several", []string{"web -> key ..2027-02-01", "web -> key 2027-03-01..2027-04-01"}, []string{item(google.Reader, "web",
			"gatehouse until 2027-02-01T00:00:00Z and 1 more", end("2027-02-01"), " || (", begin("2027-03-01"), " && ", end("2027-04-01"), ")")}},
		{"what has ended is gone", []string{"web -> key ..2027-01-01"}, nil},
		{"a part that has ended stays", []string{"web -> key ..2026-12-01", "web -> key 2027-03-01.."}, []string{item(google.Reader, "web",
			"gatehouse until 2026-12-01T00:00:00Z and 1 more", end("2026-12-01"), " || ", begin("2027-03-01"))}},
		{"actions have their own intervals", []string{"web -> key read,write ..2027-02-01", "web -> key write"}, []string{
			item(google.Reader, "web", "gatehouse until 2027-02-01T00:00:00Z", end("2027-02-01")), item(google.Writer, "web", "")}},
	} {
		desired := compile(t, graph(t, test.lines...))
		if len(desired.Containers) != 1 {
			t.Fatalf("%s: %d containers", test.name, len(desired.Containers))
		}
		c := desired.Containers[0]
		var got []string
		for _, i := range c.Items {
			got = append(got, i.Key)
			if len(i.Why) == 0 || i.Value != "granted" {
				t.Errorf("%s: %v", test.name, i)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		if c.Key != (targets.Key{Kind: google.SecretPolicy, Name: "projects/acme-prod/secrets/key"}) || !c.Shared || c.Whole {
			t.Errorf("%s: %+v", test.name, c)
		}
		if again, err := google.Normal(c.Key.Name, c.Body, func(string) bool { return false }); err != nil || len(again.Items) != len(c.Items) {
			t.Errorf("%s: the body is not the items: %v %s", test.name, err, c.Body)
		}
	}
}

func TestCompileBody(t *testing.T) {
	desired := compile(t, graph(t, "b -> key", "a -> key read,write", "c -> key ..2027-02-01"))
	want := `{"bindings":[` +
		`{"role":"roles/secretmanager.secretAccessor","members":["serviceAccount:a@acme-prod.iam.gserviceaccount.com","serviceAccount:b@acme-prod.iam.gserviceaccount.com"]},` +
		`{"role":"roles/secretmanager.secretAccessor","members":["serviceAccount:c@acme-prod.iam.gserviceaccount.com"],` +
		`"condition":{"title":"gatehouse until 2027-02-01T00:00:00Z","expression":"request.time < timestamp(\"2027-02-01T00:00:00Z\")"}},` +
		`{"role":"roles/secretmanager.secretVersionAdder","members":["serviceAccount:a@acme-prod.iam.gserviceaccount.com"]}],"version":3}`
	if diff := cmp.Diff(want, string(desired.Containers[0].Body)); diff != "" {
		t.Error(diff)
	}
}

func TestLimits(t *testing.T) {
	many := func(n int) []string {
		var out []string
		for i := range n {
			out = append(out, fmt.Sprintf("w%d -> key", i))
		}
		return out
	}
	parts := func(n int) []string {
		var out []string
		for i := range n {
			at := now.AddDate(0, 0, 2*i)
			out = append(out, "web -> key "+at.Format(time.RFC3339)+".."+at.AddDate(0, 0, 1).Format(time.RFC3339))
		}
		return out
	}
	for _, test := range []struct {
		want  string
		lines []string
	}{
		{"", many(1199)},
		{"warning: 1200 of read + 0 of write = 1200 of 1500", many(1200)},
		{"warning: 1500 of read + 0 of write = 1500 of 1500", many(1500)},
		{"error: 1501 of read + 0 of write = 1501 of 1500", many(1501)},
		{"error: 1500 of read + 1 of write = 1501 of 1500", append(many(1500), "w0 -> key write")},
		{"", parts(5)}, // 9 operators
		{"warning: the 6 intervals of serviceAccount:web@acme-prod.iam.gserviceaccount.com need 11 logical operators", parts(6)},
		{"error: the 7 intervals of serviceAccount:web@acme-prod.iam.gserviceaccount.com need 13 logical operators", parts(7)},
	} {
		_, diags := google.Driver{}.Compile(graph(t, test.lines...), environment, now)
		severity, text, _ := strings.Cut(test.want, ": ")
		if test.want == "" && len(diags) == 0 {
			continue
		}
		if len(diags) != 1 || diags[0].Code != "over-limit" || fmt.Sprint(diags[0].Severity) != severity || !strings.Contains(diags[0].Summary, text) {
			t.Errorf("%d lines: %v, want %s", len(test.lines), diags, test.want)
		}
	}
}
