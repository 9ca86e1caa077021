package targets

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/compiler/access"
)

func fixed() time.Time { return time.Unix(0, 0) }

// pen is a connection that writes down what comes, and can't write what it jams on.
type pen struct {
	Conn
	name  string
	jams  string
	lines *[]string
}

func (p pen) Write(_ context.Context, c Change) (Token, error) {
	if c.Key.Name == p.jams {
		return "", errors.New("it jams")
	}
	*p.lines = append(*p.lines, p.name+" "+c.Key.Name)
	return "", nil
}

// An environment's targets are written together: all narrowings of all of them before any widening of one, and a widening of one waits for
// the other's narrowing as for its own.
func TestTargetsOfAnEnvironmentGoTogether(t *testing.T) {
	site := func(target access.Target, classes ...Class) SitePlan {
		s := SitePlan{Environment: "home", Target: target}
		for _, c := range classes {
			s.Changes = append(s.Changes, Change{Key: Key{"door", string(c)}, Op: Update, Class: c})
		}
		return s
	}
	p := Plan{Sites: []SitePlan{site("a", Neutral, Widening), site("b", Narrowing, Mixed, Widening)}}
	tests := []struct{ jams, want, held string }{
		{"", "b narrowing, a neutral, b mixed, a widening, b widening", ""},
		{"narrowing", "a neutral, b mixed", "a widening, b widening"},
		{"mixed", "b narrowing, a neutral, a widening, b widening", ""},
	}
	for _, tt := range tests {
		var lines, held []string
		views := []View{
			{Site: Site{Environment: "home", Conn: pen{name: "a", jams: tt.jams, lines: &lines}}},
			{Site: Site{Environment: "home", Conn: pen{name: "b", jams: tt.jams, lines: &lines}}},
		}
		r := newRun(t.Context(), admitted(p, views), ApplyOptions{Now: fixed, Parallel: 1}, unrecorded{}, func(Progress) {})
		r.all()
		for _, result := range r.outcome.Results {
			if result.Status == Held {
				held = append(held, string(result.Target)+" "+result.Key.Name)
			}
		}
		if got := strings.Join(lines, ", "); got != tt.want || strings.Join(held, ", ") != tt.held {
			t.Errorf("%q jams: wrote %s; held %s", tt.jams, got, held)
		}
	}
}

// What requires a change of its own class is not written beside it, but after it.
func TestBatchesKeepRequirementsApart(t *testing.T) {
	change := func(name string, requires ...Key) Change {
		return Change{Key: Key{"door", name}, Class: Widening, Requires: requires}
	}
	changes := []Change{change("a"), change("b"), change("c", Key{"door", "a"}), change("d"), change("e", Key{"door", "d"})}
	var got []string
	for _, b := range batches(0, changes) {
		var names []string
		for _, c := range b.changes {
			names = append(names, c.Key.Name)
		}
		got = append(got, strings.Join(names, ""))
	}
	if !slices.Equal(got, []string{"ab", "cd", "e"}) {
		t.Errorf("got %v", got)
	}
}

// A write that has begun is not cut off by an interrupt: nobody would know what became of it.
func TestInterruptLetsAWriteEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p := Plan{Sites: []SitePlan{{Environment: "home", Changes: []Change{{Key: Key{"door", "attic"}, Class: Neutral}, {Key: Key{"door", "cellar"}, Class: Neutral}}}}}
	views := []View{{Site: Site{Environment: "home", Conn: interrupted{cancel: cancel}}}}
	r := newRun(ctx, admitted(p, views), ApplyOptions{Now: fixed, Parallel: 1}, unrecorded{}, func(Progress) {})
	r.all()
	if a, b := r.outcome.Results[0], r.outcome.Results[1]; a.Status != Done || b.Status != Left {
		t.Errorf("%+v, %+v", a, b)
	}
}

// interrupted is a connection during whose write the user loses patience.
type interrupted struct {
	Conn
	cancel func()
}

func (i interrupted) Write(ctx context.Context, _ Change) (Token, error) {
	i.cancel()
	return "1", ctx.Err()
}

// admitted is a plan of which everything may be written.
func admitted(p Plan, views []View) sealed {
	s := sealed{plan: p}
	for i, v := range views {
		s.sites = append(s.sites, sealedSite{view: v, changes: p.Sites[i].Changes})
	}
	return s
}
