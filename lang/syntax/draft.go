package syntax

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"gatehouse/lang/diag"
)

// draft is a piece with the slips mended that are known by now. The parser is at its best with the first mistake of a text: behind it, it stumbles
// over what follows from that one, and passes over others. So it reads the draft, and what it then finds is told at its place in the text as it was.
type draft struct {
	whole piece       // as it was
	now   piece       // mended so far
	edits []diag.Edit // of whole, in order of place
	found []hcl.Diagnostic
	next  int // of found, to look at
	told  int // where the last line ends of which something was told; in whole
}

// mend makes a fix whose places are of the draft; false where it touches what another one wrote.
func (d *draft) mend(f diag.Fix, rest []hcl.Diagnostic) bool {
	f, ok := d.origin(f)
	if !ok {
		return false
	}
	edits := slices.Concat(d.edits, f.Edits)
	slices.SortStableFunc(edits, func(a, b diag.Edit) int { return a.Range.Start.Byte - b.Range.Start.Byte })
	now, ok := d.whole.edited(edits)
	if !ok {
		return false
	}
	d.edits, d.now, d.found, d.next = edits, now, rest, 0
	return true
}

// at returns where a place of the draft is in the text as it was; sure is false inside of what was written anew.
func (d *draft) at(offset int) (origin int, sure bool) {
	shift := 0
	for _, e := range d.edits {
		from := e.Range.Start.Byte + shift
		to := from + len(e.Text)
		if offset < from {
			break
		}
		if offset < to {
			return e.Range.Start.Byte, false
		}
		shift += len(e.Text) - (e.Range.End.Byte - e.Range.Start.Byte)
	}
	return offset - shift, true
}

func (d *draft) place(at hcl.Range) (hcl.Range, bool) {
	if len(d.edits) == 0 {
		return at, true
	}
	from, sureFrom := d.at(at.Start.Byte)
	to, sureTo := d.at(at.End.Byte)
	start := d.whole.start.Byte
	from, to = max(from, start), max(from, to, start)
	return d.whole.span(at.Filename, min(from-start, len(d.whole.src)), min(to-start, len(d.whole.src))), sureFrom && sureTo
}

// origin gives a fix of the draft the places that it has in the text as it was.
func (d *draft) origin(f diag.Fix) (diag.Fix, bool) {
	out := diag.Fix{Message: f.Message, Edits: slices.Clone(f.Edits)}
	for i, e := range f.Edits {
		var ok bool
		if out.Edits[i].Range, ok = d.place(e.Range); !ok {
			return out, false
		}
	}
	return out, true
}

// origins gives what was noticed in the draft the places that it has in the text as it was.
func (d *draft) origins(found diag.Diagnostic) diag.Diagnostic {
	found.Subject, _ = d.place(found.Subject)
	found.Related = slices.Clone(found.Related)
	for i := range found.Related {
		found.Related[i].Range, _ = d.place(found.Related[i].Range)
	}
	return found
}

// edited is the piece with edits made; its lines and bytes count from the same beginning.
func (p piece) edited(edits []diag.Edit) (piece, bool) {
	own := make([]diag.Edit, len(edits))
	for i, e := range edits {
		e.Range.Start.Byte -= p.start.Byte
		e.Range.End.Byte -= p.start.Byte
		own[i] = e
	}
	src, err := diag.Apply(p.src, own[0].Range.Filename, own)
	return piece{src: src, start: p.start, odd: true}, err == nil
}

// try makes a fix, and reads what comes out: helps is set where the parser finds less, and nothing more on the lines of the fix; sure, where the
// table has nothing to say about these lines either that has no fix of its own.
func (r *reader) try(p piece, f diag.Fix, found []hcl.Diagnostic) (rest []hcl.Diagnostic, helps, sure bool) {
	mended, ok := p.edited(f.Edits)
	if !ok {
		return nil, false, false
	}
	file := f.Edits[0].Range.Filename
	if limitNumber(mended.src, file) != nil || limitNative(mended, file) != nil {
		return nil, false, false
	}
	tree, all := hclsyntax.ParseConfig(mended.src, file, mended.start)
	rest = inOrder(syntaxOnly(all))
	lines := standsOn(f)
	for _, d := range rest {
		if d.Subject != nil && lines.hold(d.Subject.Start.Line) {
			return nil, false, false
		}
	}
	if len(rest) < len(found) || goesOn(found, rest, f) {
		return rest, true, r.settles(mended, tree, all, lines)
	}
	sure = mended.clears(found, rest, lines) && r.settles(mended, tree, all, lines)
	return rest, sure, sure
}

// lines are those from one to another, both included.
type lines struct{ from, to int }

func (l lines) hold(line int) bool { return l.from <= line && line <= l.to }

// standsOn gives the lines on which a fix stands once it is made.
func standsOn(f diag.Fix) lines {
	out := lines{f.Edits[0].Range.Start.Line, f.Edits[len(f.Edits)-1].Range.End.Line}
	for _, e := range f.Edits {
		out.to += strings.Count(e.Text, "\n") - (e.Range.End.Line - e.Range.Start.Line)
	}
	return out
}

// goesOn reports whether a fix leaves as much to say because the parser, which tells some slips once, tells the next one of the kind.
func goesOn(found, rest []hcl.Diagnostic, f diag.Fix) bool {
	at := f.Edits[0].Range
	if len(rest) != len(found) || len(f.Edits) > 1 || f.Edits[0].Text == "," {
		return false
	}
	is := func(d hcl.Diagnostic, summary string) bool { return d.Subject != nil && d.Summary == summary }
	for _, d := range found {
		if d.Subject == nil || d.Subject.Start.Line != at.Start.Line {
			continue
		}
		later := func(next hcl.Diagnostic) bool { return is(next, d.Summary) && next.Subject.Start.Line > at.Start.Line }
		if count(rest, later) > count(found, later) {
			return true
		}
	}
	return false
}

// clears reports whether a fix mends the first of all that the parser found, on lines that can be read by themselves: it then has looked further,
// and may find more than before, of any kind, below.
func (p piece) clears(found, rest []hcl.Diagnostic, at lines) bool {
	if len(found) == 0 || found[0].Subject == nil || !at.hold(found[0].Subject.Start.Line) {
		return false
	}
	before := func(line int) func(hcl.Diagnostic) bool {
		return func(d hcl.Diagnostic) bool { return d.Subject == nil || d.Subject.Start.Line < line }
	}
	return !slices.ContainsFunc(rest, before(at.to+1)) && standAlone(p.text(at))
}

// standAlone reports whether some lines are an attribute or a block, or the beginning of one.
func standAlone(text string) bool {
	return slices.ContainsFunc([]string{"\n", "\n}\n", "\n]\n"}, func(closing string) bool {
		_, diags := hclsyntax.ParseConfig([]byte(text+closing), "", hcl.InitialPos)
		return !diags.HasErrors()
	})
}

// text is that of some lines.
func (p piece) text(at lines) string {
	all := strings.SplitAfter(string(p.src), "\n")
	from := max(at.from-p.start.Line, 0)
	to := min(at.to-p.start.Line+1, len(all))
	return strings.TrimRight(strings.Join(all[min(from, to):to], ""), "\r\n")
}

func count(list []hcl.Diagnostic, that func(hcl.Diagnostic) bool) (n int) {
	for _, d := range list {
		if that(d) {
			n++
		}
	}
	return n
}

// settles reads a mended piece by the table.
func (r *reader) settles(p piece, tree *hcl.File, all hcl.Diagnostics, at lines) bool {
	trial := &reader{tried: mostTried, trials: r.trials, settling: true}
	trial.tree(p, tree, all)
	for _, d := range trial.diags {
		if at.hold(d.Subject.Start.Line) && len(d.Fixes) == 0 {
			return false
		}
	}
	return true
}

func inOrder(found []hcl.Diagnostic) []hcl.Diagnostic {
	slices.SortStableFunc(found, func(a, b hcl.Diagnostic) int { return startOf(a) - startOf(b) })
	return found
}
