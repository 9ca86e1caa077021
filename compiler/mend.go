package compiler

import (
	"io/fs"
	"maps"
	"slices"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/diag"
)

// Mended is a policy after Mend: what was changed, why, and what is left. It is in memory: nothing is written.
type Mended struct {
	Before  map[string]string // text of the files that changed, by name
	After   map[string]string // the same files, mended
	Repairs []Repair          // in the order in which they were made
	Result  *Result           // of the mended files
}

// Repair is a fix that was made, and the diagnostic that it mends. Their places are those of the text that the fix found.
type Repair struct {
	Diagnostic diag.Diagnostic
	Fix        diag.Fix
}

// mostRounds bounds how often the mended policy is read again. A mistake hides few others.
const mostRounds = 10

// Mend makes all fixes that are sure, reads the policy again, and goes on until there are none. No file ends up with more errors than it had:
// where mending one mistake brings to light more than can be mended, it is left to the person. What a sound policy gives is never changed: a
// fix of a warning that would change it is not made. An error is a failure to read.
func Mend(fsys fs.FS, at time.Time, o Options) (*Mended, error) {
	first, err := CompileWith(fsys, at, o)
	if err != nil {
		return nil, err
	}
	for _, careful := range []bool{false, true} {
		m := newMender(fsys, first, at, o)
		m.careful = careful
		for range mostRounds {
			done, err := m.round()
			if err != nil {
				return nil, err
			}
			if done {
				break
			}
		}
		if careful || !worse(m.result.Diagnostics, first.Diagnostics) {
			return m.mended(first), nil
		}
	}
	return nil, nil // not reached: the careful run returns
}

// Foresee counts how many of the diagnostics of a policy that was read Mend takes away. It makes the fixes as Mend does first, all at once; sure
// is false where they would get in one another's way or leave a file worse, so that Mend has to look for those that help.
func Foresee(fsys fs.FS, first *Result, at time.Time, o Options) (n int, sure bool, err error) {
	m := newMender(fsys, first, at, o)
	for range mostRounds {
		all := apart(repairs(m.result.Diagnostics))
		if len(all) == 0 {
			break
		}
		if made, err := m.try(all, true); !made || err != nil {
			return 0, false, err
		}
	}
	if worse(m.result.Diagnostics, first.Diagnostics) {
		return 0, false, nil
	}
	return gone(m.result.Diagnostics, first.Diagnostics), true, nil
}

// gone counts what was said before and no longer is. Places move with the text, so that they tell nothing apart.
func gone(after, before diag.List) (n int) {
	type said struct {
		code          diag.Code
		file, summary string
	}
	left := map[said]int{}
	for _, d := range after {
		left[said{d.Code, d.Subject.Filename, d.Summary}]++
	}
	for _, d := range before {
		key := said{d.Code, d.Subject.Filename, d.Summary}
		if left[key]--; left[key] < 0 {
			n++
		}
	}
	return n
}

// mender is a policy that is being mended.
type mender struct {
	fsys    fs.FS
	at      time.Time
	options Options
	careful bool              // each single step must leave no file worse
	alone   int               // how many fixes were tried one by one
	texts   map[string]string // of the files that differ from fsys
	repairs []Repair
	result  *Result // of fsys with texts over it
}

func newMender(fsys fs.FS, first *Result, at time.Time, o Options) *mender {
	return &mender{fsys: fsys, at: at, options: o, texts: map[string]string{}, result: first}
}

// round makes all fixes at once or, where they get in one another's way, those that help by themselves. It is true where nothing was left to
// make.
func (m *mender) round() (done bool, err error) {
	all := apart(repairs(m.result.Diagnostics))
	if made, err := m.try(all, true); made || err != nil {
		return false, err
	}
	var good []Repair
	for _, one := range all[:min(len(all), mostAlone-m.alone)] {
		m.alone++
		helps, err := m.try([]Repair{one}, false)
		if err != nil {
			return false, err
		}
		if helps {
			good = append(good, one)
		}
	}
	if made, err := m.try(good, true); made || err != nil {
		return false, err
	}
	made, err := m.try(good[:min(len(good), 1)], true)
	return !made, err
}

// mostAlone bounds how many fixes are tried one by one: each costs reading the policy.
const mostAlone = 50

// repairs are the fixes to make unasked: of each diagnostic the first.
func repairs(list diag.List) []Repair {
	var out []Repair
	for _, d := range list {
		if len(d.Fixes) > 0 {
			out = append(out, Repair{d, d.Fixes[0]})
		}
	}
	return out
}

// apart drops the fixes that touch the place of an earlier one.
func apart(all []Repair) []Repair {
	type span struct{ from, to int }
	taken := map[string][]span{}
	return slices.DeleteFunc(slices.Clone(all), func(r Repair) bool {
		for _, e := range r.Fix.Edits {
			for _, t := range taken[e.Range.Filename] {
				if e.Range.Start.Byte <= t.to && e.Range.End.Byte >= t.from {
					return true
				}
			}
		}
		for _, e := range r.Fix.Edits {
			taken[e.Range.Filename] = append(taken[e.Range.Filename], span{e.Range.Start.Byte, e.Range.End.Byte})
		}
		return false
	})
}

// try makes some fixes and, where they do what they say, keeps them if it is told to.
func (m *mender) try(some []Repair, keep bool) (good bool, err error) {
	if len(some) == 0 {
		return false, nil
	}
	edits := map[string][]diag.Edit{}
	for _, r := range some {
		for _, e := range r.Fix.Edits {
			edits[e.Range.Filename] = append(edits[e.Range.Filename], e)
		}
	}
	texts := maps.Clone(m.texts)
	for file, list := range edits {
		mended, err := diag.Apply(m.result.Sources.Bytes(file), file, list)
		if err != nil {
			return false, nil // the text has changed meanwhile: the fix is not made
		}
		texts[file] = string(mended)
	}
	result, err := CompileWith(over{m.fsys, texts}, m.at, m.options)
	if err != nil {
		return false, err
	}
	if changesAccess(m.result, result) {
		return false, nil
	}
	if m.careful && (!helped(result.Diagnostics, m.result.Diagnostics) || worse(result.Diagnostics, m.result.Diagnostics)) {
		return false, nil
	}
	if keep {
		m.texts, m.result, m.repairs = texts, result, append(m.repairs, some...)
	}
	return true, nil
}

// changesAccess reports whether a policy that had no errors gives other access than before, or can't be read any more. Of one that had errors it isn't
// known what it gave.
func changesAccess(before, after *Result) bool {
	return before.Graph != nil && (after.Graph == nil || !access.Diff(before.Graph, after.Graph).Empty())
}

// helped reports whether there is less to say or less to mend than before.
func helped(after, before diag.List) bool {
	return len(after) < len(before) || len(repairs(after)) < len(repairs(before))
}

// worse reports whether any file has more errors than before.
func worse(after, before diag.List) bool {
	count := map[string]int{}
	for _, d := range before {
		if d.Severity == diag.Error {
			count[d.Subject.Filename]++
		}
	}
	for _, d := range after {
		if d.Severity == diag.Error {
			if count[d.Subject.Filename]--; count[d.Subject.Filename] < 0 {
				return true
			}
		}
	}
	return false
}

func (m *mender) mended(first *Result) *Mended {
	out := &Mended{Before: map[string]string{}, After: map[string]string{}, Repairs: m.repairs, Result: m.result}
	for file, text := range m.texts {
		if before := string(first.Sources.Bytes(file)); before != text {
			out.Before[file], out.After[file] = before, text
		}
	}
	return out
}
