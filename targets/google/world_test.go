package google_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
	"gatehouse/targets"
	"gatehouse/targets/google"
)

const environment = "prod"

var now = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)

func surface(name string) access.Surface {
	return access.Surface{Target: access.Google, Kind: google.Secret, Name: "projects/acme-prod/secrets/" + name}
}

func email(name string) string { return name + "@acme-prod.iam.gserviceaccount.com" }

// graph returns declared access from lines such as "web -> key read,write 2027-01-01..2027-02-01": who, what, and, where it is not to read
// for ever, which actions and when. A line of a secret alone declares it.
func graph(t testing.TB, lines ...string) *access.Graph {
	t.Helper()
	p := &model.Policy{Name: "acme", Environments: []*model.Environment{{Name: environment, Tier: model.Production,
		Google: &model.Google{Project: "acme-prod", ProjectNumber: "123", Ownership: model.Additive}}}}
	seen := map[addr.Address]bool{}
	for n, line := range lines {
		from, to, granted := strings.Cut(line, " -> ")
		if !granted {
			to = line
		}
		words := strings.Fields(to)
		k, w := addr.New(addr.Secret, words[0]), addr.New(addr.Workload, from)
		if !seen[k] {
			p.Secrets = append(p.Secrets, &model.Secret{Addr: k, Places: []model.SecretPlace{
				{Environment: environment, Project: "acme-prod", Secret: model.Text{Value: words[0]}}}})
		}
		if granted && !seen[w] {
			p.Workloads = append(p.Workloads, &model.Workload{Addr: w, Places: []model.WorkloadPlace{
				{Environment: environment, ServiceAccount: model.Text{Value: email(from)}}}})
		}
		seen[k], seen[w] = true, true
		if granted {
			p.Allows = append(p.Allows, allow(t, n, w, k, words[1:]))
		}
	}
	g, diags := access.Build(p, now)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return g
}

func allow(t testing.TB, n int, from, to addr.Address, words []string) *model.Allow {
	t.Helper()
	a := &model.Allow{Addr: addr.New(addr.Allow, fmt.Sprintf("n%d", n)), From: []model.Ref{{Addr: from}}, To: []model.Ref{{Addr: to}},
		Actions: []model.Action{model.Read}}
	for _, word := range words {
		begin, end, interval := strings.Cut(word, "..")
		if !interval {
			a.Actions = nil
			for action := range strings.SplitSeq(word, ",") {
				a.Actions = append(a.Actions, model.Action(action))
			}
			continue
		}
		a.Interval = model.Interval{NotBefore: day(t, begin), Expires: day(t, end)}
	}
	return a
}

func day(t testing.TB, text string) time.Time {
	t.Helper()
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		at, err = time.Parse(time.DateOnly, text)
	}
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

func compile(t testing.TB, g *access.Graph) targets.Desired {
	t.Helper()
	desired, diags := google.Driver{}.Compile(g, environment, now)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	return desired
}

// object makes a raw object: "KIND NAME" and its body. A body that begins with a bracket is the bindings of a policy.
func object(name, body string) targets.Object {
	kind, name, _ := strings.Cut(name, " ")
	if strings.HasPrefix(body, "[") {
		body = `{"version":3,"etag":"BwWW","bindings":` + body + `}`
	}
	return targets.Object{Key: targets.Key{Kind: kind, Name: name}, Body: json.RawMessage(body)}
}

// bind writes a binding: a role, its members, and a condition after "if".
func bind(role string, members ...string) string {
	b := map[string]any{"role": role}
	for i, m := range members {
		if m == "if" {
			b["condition"] = map[string]string{"title": "t", "expression": strings.Join(members[i+1:], " ")}
			members = members[:i]
			break
		}
	}
	b["members"] = members
	text, err := json.Marshal(b)
	if err != nil {
		panic(err)
	}
	return string(text)
}
