package state

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"gatehouse/targets"
)

// model is what is ours in truth, by container and item: granted by us and not revoked since.
type model map[targets.Key]map[string]bool

func (m model) ours(k targets.Key, item string) bool { return m[k][item] }

func (m model) set(k targets.Key, item string, ours bool) {
	if m[k] == nil {
		m[k] = map[string]bool{}
	}
	m[k][item] = ours
}

var (
	anyKey  = rapid.Map(rapid.IntRange(0, 3), func(n int) targets.Key { return targets.Key{Kind: "secret-policy", Name: fmt.Sprint(n)} })
	anyItem = rapid.StringMatching(`[a-c]`)
)

// Claims and forgets of several ledgers, in any order, come out as they do in a map.
func TestSequences(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, truth := &memory{}, model{}
		ledgers := []*Ledger{NewLedger(opened(m, &witness{})), NewLedger(opened(m, nil))}
		step := func(forget bool) func(*rapid.T) {
			return func(t *rapid.T) {
				l := rapid.SampledFrom(ledgers).Draw(t, "ledger")
				k, items := anyKey.Draw(t, "container"), rapid.SliceOf(anyItem).Draw(t, "items")
				for _, item := range items {
					truth.set(k, item, !forget)
				}
				if err := l.save(context.Background(), entry{k, items, forget}); err != nil {
					t.Fatal(err)
				}
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"claim":  step(false),
			"forget": step(true),
			"":       func(t *rapid.T) { compare(t, m, truth, nil) },
		})
	})
}

// Whatever is restored from backups, or lost, and however often: in the eyes of who has a witness, nothing is ours that isn't in truth.
// In those of who has none, nothing is once the state was saved by who has.
func TestNeverOursWrongly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, w, truth := &memory{}, &witness{}, model{}
		s := opened(m, w)
		l := NewLedger(s)
		backups := [][]byte{nil}
		saved := true // since the latest restoration
		act := func(t *rapid.T, forget bool) {
			k, item := anyKey.Draw(t, "container"), anyItem.Draw(t, "item")
			if forget && !ours(t, s, k, item) {
				return // who revokes only what is ours forgets only that
			}
			before := m.saves
			if err := l.save(context.Background(), entry{k, []string{item}, forget}); err != nil {
				t.Fatal(err)
			}
			saved = saved || m.saves > before
			truth.set(k, item, !forget)
		}
		t.Repeat(map[string]func(*rapid.T){
			"claim":   func(t *rapid.T) { act(t, false) },
			"forget":  func(t *rapid.T) { act(t, true) },
			"back up": func(t *rapid.T) { backups = append(backups, m.document) },
			"restore": func(t *rapid.T) {
				m.put(rapid.SampledFrom(backups).Draw(t, "backup"))
				saved = false
			},
			"": func(t *rapid.T) {
				compare(t, m, truth, w)
				if saved {
					compare(t, m, truth, &witness{})
				}
			},
		})
	})
}

func ours(t *rapid.T, s Store, k targets.Key, item string) bool {
	st, err := s.Read(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return st.Claims.Ours(k, item)
}

// compare holds what a reader takes for ours against the truth: with a witness, nothing may be too much; without, nothing may differ.
func compare(t *rapid.T, m *memory, truth model, w *witness) {
	var watching Witness
	if w != nil {
		watching = w
	}
	st, err := opened(m, watching).Read(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for n := range 4 {
		k := targets.Key{Kind: "secret-policy", Name: fmt.Sprint(n)}
		for _, item := range []string{"a", "b", "c"} {
			got, want := st.Claims.Ours(k, item), truth.ours(k, item)
			if got && !want || want && !got && w == nil {
				t.Fatalf("%s of %s: ours %v, in truth %v (%s: %s)", item, k, got, want, st.Standing, st.Reason)
			}
		}
	}
}
