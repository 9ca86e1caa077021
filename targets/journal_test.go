package targets_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"gatehouse/targets"
	"gatehouse/targets/internal/toy"
)

func journal(t *testing.T, path string) *targets.FileJournal {
	t.Helper()
	j, err := targets.OpenJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func read(t *testing.T, path string) ([]targets.Record, int) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, torn, err := targets.ReadJournal(f)
	if err != nil {
		t.Fatal(err)
	}
	return records, torn
}

func TestJournalTellsEveryWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	w, g := busy(t, "shut")
	w.BeforeWrite = func(c targets.Change) error {
		if c.Key.Name == "vault" {
			return errNo
		}
		return nil
	}
	p := mustPlan(t, w, g, targets.PlanOptions{})
	if _, err := targets.Apply(context.Background(), p, []targets.Site{toy.Site("home", w)}, g, atNoon, journal(t, path), nil); err != nil {
		t.Fatal(err)
	}
	records, torn := read(t, path)
	if len(records) != 10 || torn != 0 {
		t.Fatalf("%d records, %d torn", len(records), torn)
	}
	begun := map[string]targets.Record{}
	for _, r := range records {
		if r.Phase == targets.PhaseBegin {
			if begun[r.ID].ID != "" || r.Who != "ada@desk" || r.Policy != "house" || r.After == nil || len(r.Items) == 0 || !r.Time.Equal(toy.Noon) {
				t.Errorf("begin: %+v", r)
			}
			begun[r.ID] = r
			continue
		}
		b, ok := begun[r.ID]
		if !ok || b.Container != r.Container || (r.Result == targets.Failed) != (r.Container.Name == "vault") || (r.TokenAfter == "") != (r.Error != "") {
			t.Errorf("done: %+v", r)
		}
	}
	if why := begun[records[0].ID].Items; len(why) == 0 {
		t.Error("no items")
	}
}

func TestJournalSurvivesACrash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	if err := os.WriteFile(path, []byte(`{"phase":"begin","id":"1"}`+"\n"+`{"phase":"done","i`), 0o600); err != nil {
		t.Fatal(err)
	}
	j := journal(t, path)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := j.Append(targets.Record{Phase: targets.PhaseDone, ID: "2"}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	records, torn := read(t, path)
	if len(records) != 21 || torn != 1 || records[0].ID != "1" || records[1].ID != "2" {
		t.Errorf("%d records, %d torn", len(records), torn)
	}
	if _, err := targets.OpenJournal(filepath.Join(path, "no", "such")); err == nil {
		t.Error("a journal where there can be none")
	}
}

// jammed is a journal that takes so many records.
type jammed struct{ left int }

func (j *jammed) Append(targets.Record) error {
	if j.left--; j.left < 0 {
		return errors.New("journal: no space left")
	}
	return nil
}

func TestNoRecordNoWrite(t *testing.T) {
	for left, want := range []struct {
		writes int
		reason string
	}{{0, "nothing was written"}, {1, "it was written, but not recorded"}} {
		w := toy.NewWorld("home", "shut")
		g := toy.Policy("home attic ann")
		out, err := targets.Apply(context.Background(), mustPlan(t, w, g, targets.PlanOptions{}), []targets.Site{toy.Site("home", w)}, g, atNoon, &jammed{left}, nil)
		if err != nil || w.Writes() != want.writes || out.Complete() || !strings.Contains(out.Results[0].Reason, want.reason) {
			t.Errorf("%d: %v, %d writes, %+v", left, err, w.Writes(), out.Results)
		}
	}
}
