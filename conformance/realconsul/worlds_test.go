package realconsul_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	rbac "github.com/envoyproxy/go-control-plane/envoy/config/rbac/v3"
	"github.com/rogpeppe/go-internal/txtar"

	"gatehouse/compiler/access"
	"gatehouse/conformance/realconsul"
	"gatehouse/targets"
	"gatehouse/targets/consul"
)

// world is one case of testdata/worlds: entries, and what of them is asked. README.md there says how it is written.
type world struct {
	file    string
	archive *txtar.Archive
	policy  string
	entries []string
	asked   []line
}

// line is one request, with what Envoy and Interpret say of it.
type line struct {
	destination string
	asked
	envoy, edges reached
}

func worlds(t *testing.T) []*world {
	t.Helper()
	files, err := filepath.Glob("../testdata/worlds/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no worlds", err)
	}
	var out []*world
	for _, file := range files {
		w, err := readWorld(file)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out = append(out, w)
	}
	return out
}

func readWorld(file string) (*world, error) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		return nil, err
	}
	w := &world{file: file, archive: archive}
	for _, f := range archive.Files {
		lines := strings.Split(strings.TrimSpace(string(f.Data)), "\n")
		switch f.Name {
		case "default":
			w.policy = lines[0]
		case "entries":
			w.entries = lines
		case "asked":
			for _, text := range lines {
				l, err := readLine(text)
				if err != nil {
					return nil, fmt.Errorf("%q: %w", text, err)
				}
				w.asked = append(w.asked, l)
			}
		default:
			return nil, fmt.Errorf("a part named %q", f.Name)
		}
	}
	return w, nil
}

// readLine reads what line.String writes.
func readLine(text string) (line, error) {
	var l line
	verdicts, rest, _ := strings.Cut(text, " ")
	envoy, edges, differ := strings.Cut(verdicts, "/")
	if !differ {
		edges = envoy
	}
	l.envoy, l.edges = verdictOf(envoy), verdictOf(edges)
	source, rest, _ := strings.Cut(strings.TrimSpace(rest), " -> ")
	destination, rest, _ := strings.Cut(rest, ": ")
	method, rest, _ := strings.Cut(rest, " ")
	quoted, err := strconv.QuotedPrefix(rest)
	if err != nil {
		return l, err
	}
	path, err := strconv.Unquote(quoted)
	l.destination = destination
	l.asked = asked{source, method, path, map[string]string{}, map[string]map[string]string{}}
	for _, word := range strings.Fields(rest[len(quoted):]) {
		if token, ok := strings.CutPrefix(word, "token:"); ok {
			parts := strings.Split(token, ",")
			claims := map[string]string{"iss": parts[0]}
			for _, claim := range parts[1:] {
				name, value, _ := strings.Cut(claim, "=")
				claims[name] = value
			}
			l.token[parts[0]] = claims
			continue
		}
		name, value, _ := strings.Cut(word, "=")
		l.headers[name] = value
	}
	return l, err
}

func verdictOf(word string) reached {
	return reached(slices.Index([]string{"refused", "allowed", "unknown"}, word))
}

func (l line) String() string {
	_, rest, _ := strings.Cut(question(l.envoy, l.destination, l.asked), " ")
	verdict := l.envoy.String()
	if l.edges != l.envoy {
		verdict += "/" + l.edges.String()
	}
	return fmt.Sprintf("%-15s %s", verdict, strings.TrimSpace(rest))
}

// facts are the entries as Interpret gets them. Every world asks about the one destination db.
func (w *world) facts(t *testing.T) targets.Facts {
	t.Helper()
	f := targets.Facts{Settings: targets.Settings{consul.DefaultSetting: w.policy}}
	for _, e := range w.entries {
		var named struct{ Kind, Name string }
		if err := json.Unmarshal([]byte(e), &named); err != nil {
			t.Fatalf("%s: %s: %v", w.file, e, err)
		}
		f.Objects = append(f.Objects, targets.Object{Key: targets.Key{Kind: named.Kind, Name: named.Name}, Body: json.RawMessage(e)})
	}
	f.Surfaces = []access.Surface{surface("db")}
	return f
}

// TestWorlds reads worlds that nobody compiled, without any server: what was found out with one stays so.
func TestWorlds(t *testing.T) {
	for _, w := range worlds(t) {
		t.Run(strings.TrimSuffix(filepath.Base(w.file), ".txtar"), func(t *testing.T) {
			edges := interpret(t, w.facts(t))
			for _, l := range w.asked {
				if got := told(edges, l.destination, l.asked); got != l.edges {
					t.Errorf("Interpret says %s\n%s\n%s", got, l, sentences(edges, l.destination))
				}
			}
		})
	}
}

// TestWorldsOfConsul has a real Consul say what proxies are told of the same worlds. GATEHOUSE_UPDATE writes what it answers.
func TestWorldsOfConsul(t *testing.T) {
	for _, policy := range []string{"allow", "deny"} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			c := &campaign{server: start(t, realconsul.Options{ACL: policy == "deny"}), policy: policy, seen: map[string]int{}}
			c.tokens()
			for i, w := range worlds(t) {
				if w.policy == policy {
					c.world(t, w, i)
				}
			}
		})
	}
}

// world asks a server about a world. Destinations get names of their own there, so that the agent remembers none from an earlier world.
func (c *campaign) world(t *testing.T, w *world, number int) {
	t.Helper()
	fresh := strings.NewReplacer(`"db"`, fmt.Sprintf(`"db%d"`, number), `"DB"`, fmt.Sprintf(`"DB%d"`, number))
	var entries []string
	for _, e := range w.entries {
		entries = append(entries, fresh.Replace(e))
	}
	if kept := c.write(entries); len(kept) != len(entries) {
		t.Fatalf("%s: Consul refuses an entry", w.file)
	}
	name := fmt.Sprintf("db%d", number)
	c.sidecar(name, 20_000)
	edges := interpret(t, w.facts(t))
	updating := os.Getenv("GATEHOUSE_UPDATE") != ""
	var wrong []string
	agreed := c.agrees(name, func(rules *rbac.RBAC) bool {
		wrong = c.answers(w, rules, edges)
		return updating || len(wrong) == 0
	})
	if !agreed {
		t.Errorf("%s: have\n%s", w.file, strings.Join(wrong, "\n"))
	}
	c.unregister(name)
	c.forget(entries)
	if updating {
		w.update(t)
	}
}

// answers takes the answers over, and returns the lines that were otherwise.
func (c *campaign) answers(w *world, rules *rbac.RBAC, edges []access.Edge) []string {
	var wrong []string
	for i := range w.asked {
		l := &w.asked[i]
		now := *l
		now.envoy, now.edges = refused, told(edges, l.destination, l.asked)
		if (envoyJudge{c.domain, l.asked}).allows(rules) {
			now.envoy = allowed
		}
		if now.String() != l.String() {
			wrong = append(wrong, now.String())
		}
		if os.Getenv("GATEHOUSE_UPDATE") != "" {
			*l = now
		}
	}
	return wrong
}

func (w *world) update(t *testing.T) {
	t.Helper()
	var text strings.Builder
	for _, l := range w.asked {
		fmt.Fprintln(&text, l)
	}
	for i := range w.archive.Files {
		if w.archive.Files[i].Name == "asked" {
			w.archive.Files[i].Data = []byte(text.String())
		}
	}
	if err := os.WriteFile(w.file, txtar.Format(w.archive), 0o644); err != nil {
		t.Fatal(err)
	}
}
