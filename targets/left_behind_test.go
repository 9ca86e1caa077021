package targets_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gatehouse/compiler/access"
	"gatehouse/targets"
	"gatehouse/targets/internal/toy"
)

func TestLeftBehind(t *testing.T) {
	tests := []struct{ name, records, want string }{
		{"nothing", "", ""},
		{"written", "b1 create attic, d1 done", "gone toy door/attic"},
		{"two, the one deleted", "b1 create attic, d1 done, b2 create cellar, d2 done, b3 delete attic, d3 done", "gone toy door/cellar"},
		{"a tombstone stays", "b1 create attic, d1 done, b2 retire attic, d2 done", "gone toy door/attic"},
		{"the write failed", "b1 create attic, d1 failed", ""},
		{"nobody saw the write end", "b1 create attic", "gone toy door/attic"},
		{"nobody saw the deletion end", "b1 create attic, d1 done, b2 delete attic", "gone toy door/attic"},
		{"the deletion failed", "b1 create attic, d1 done, b2 delete attic, d2 failed", "gone toy door/attic"},
		{"side by side", "b1 create attic, b2 create cellar, d2 done, d1 failed", "gone toy door/cellar"},
		{"found empty", "b1 create attic, d1 done, empty", ""},
		{"found empty, then written", "b1 create attic, d1 done, empty, b2 create cellar, d2 done", "gone toy door/cellar"},
	}
	for _, tt := range tests {
		records := journalOf(tt.records, "gone")
		records = append(records, journalOf("b8 create vault, d8 done", "home")...)
		foreign := journalOf("b9 create vault, d9 done", "gone")
		foreign[0].Policy = "garden"
		var got []string
		for _, o := range targets.LeftBehind(append(records, foreign...), "house", []string{"home"}) {
			got = append(got, fmt.Sprint(o.Environment, " ", o.Target, " ", o.Containers[0]))
			if len(o.Containers) != 1 {
				t.Errorf("%s: %v", tt.name, o.Containers)
			}
		}
		if strings.Join(got, ", ") != tt.want {
			t.Errorf("%s: got %v", tt.name, got)
		}
	}
}

// journalOf makes records of "b1 OP DOOR" and "d1 STATUS".
func journalOf(text, environment string) []targets.Record {
	var out []targets.Record
	for _, line := range strings.Split(text, ", ") {
		words := strings.Fields(line)
		r := targets.Record{Policy: "house", Environment: environment, Target: toy.Target}
		switch {
		case len(words) == 0:
			continue
		case words[0] == "empty":
			r.Phase = targets.PhaseEmpty
		case words[0][0] == 'b':
			r.Phase, r.ID, r.Op, r.Container = targets.PhaseBegin, words[0][1:], targets.Op(words[1]), targets.Key{Kind: "door", Name: words[2]}
		default:
			r.Phase, r.ID, r.Result = targets.PhaseDone, words[0][1:], targets.Status(words[1])
		}
		out = append(out, r)
	}
	return out
}

// A retired environment can be forgotten once an apply has found it empty, though others took away what the journal thinks is there.
func TestRetiredEnvironmentIsLeftEmpty(t *testing.T) {
	tests := []struct {
		name   string
		rest   string
		meddle func(*toy.World)
		want   int
	}{
		{"all deleted", "shut", func(*toy.World) {}, 0},
		{"others deleted it", "shut", func(w *toy.World) { w.Put("door", "attic", toy.Body{}) }, 0},
		{"a stone must stay", "open", func(*toy.World) {}, 1},
		{"something is not to be seen", "shut", func(w *toy.World) {
			w.Put("door", "attic", toy.Body{})
			w.Unknown = []targets.Unknown{{What: "the garden", Reason: "403"}}
		}, 1},
	}
	for _, tt := range tests {
		file := filepath.Join(t.TempDir(), "journal.jsonl")
		w := toy.NewWorld("home", tt.rest)
		apply := func(g *access.Graph) {
			t.Helper()
			j, err := targets.OpenJournal(file)
			if err != nil {
				t.Fatal(err)
			}
			defer j.Close()
			if _, err := targets.Apply(t.Context(), mustPlan(t, w, g, targets.PlanOptions{}), []targets.Site{toy.Site("home", w)}, g, atNoon, j, nil); err != nil {
				t.Fatal(err)
			}
		}
		apply(toy.Policy("home attic ann"))
		tt.meddle(w)
		g := toy.Policy("home")
		g.Environments[0].Retired = true
		apply(g)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		records, _, _ := targets.ReadJournal(bytes.NewReader(text))
		if got := targets.LeftBehind(records, "house", nil); len(got) != tt.want {
			t.Errorf("%s: %v\n%s", tt.name, got, text)
		}
	}
}
