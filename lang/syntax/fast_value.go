package syntax

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// fastValue answers for a canonical value.
type fastValue struct {
	kind    fastKind
	at      hcl.Range
	words   []string // of a reference
	literal string   // a text
	elems   []value
	members []member
	of      *fast
}

type fastKind uint8

const (
	fastText fastKind = iota
	fastTrue
	fastFalse
	fastReference
	fastList
	fastObject
)

func (v *fastValue) where() hcl.Range     { return v.at }
func (v *fastValue) text() (string, bool) { return v.literal, v.kind == fastText }
func (v *fastValue) boolean() (bool, bool) {
	return v.kind == fastTrue, v.kind == fastTrue || v.kind == fastFalse
}
func (v *fastValue) reference() ([]string, bool) { return v.words, v.kind == fastReference }
func (v *fastValue) list() ([]value, bool)       { return v.elems, v.kind == fastList }
func (v *fastValue) object() ([]member, bool)    { return v.members, v.kind == fastObject }

// template is for what the parser made: whoever asks gets it from there.
func (v *fastValue) template() (hcl.Expression, bool) {
	v.of.asked = true
	return nil, false
}

func (v *fastValue) shape() shape { return shapeLiteral }

// found has no words: whatever is reported, the parser reads again.
func (v *fastValue) found() found { return found{} }

// value reads a value; nil where it isn't canonical.
func (f *fast) value(depth int) *fastValue {
	if depth > fastNesting {
		return nil
	}
	start := f.pos()
	v := fastValue{of: f}
	ok := false
	switch c := f.next(); {
	case c == '"':
		v.literal, _, ok = f.quoted()
	case c == '[':
		v.kind = fastList
		v.elems, ok = f.list(depth)
	case c == '{':
		v.kind = fastObject
		v.members, ok = f.object(depth)
	case isWordStart(c):
		v.kind, v.words, ok = f.reference()
	}
	if !ok {
		return nil
	}
	v.at = f.from(start)
	return f.values.one(v)
}

// from is the range from a place to here.
func (f *fast) from(start hcl.Pos) hcl.Range {
	return hcl.Range{Filename: f.name, Start: start, End: f.pos()}
}

// reference reads a dotted name, or true or false. Names that stand for something computed are the parser's, and so is "for".
func (f *fast) reference() (fastKind, []string, bool) {
	var parts [4]string
	n := 0
	for ; n < len(parts); n++ {
		if n > 0 {
			if f.next() != '.' {
				break
			}
			f.at++
		}
		if parts[n] = f.word(); parts[n] == "" {
			return 0, nil, false
		}
	}
	switch {
	case n == 1 && parts[0] == "true":
		return fastTrue, nil, true
	case n == 1 && parts[0] == "false":
		return fastFalse, nil, true
	case slices.Contains(fastKeywords, parts[0]), slices.Contains(variables, parts[0]):
		return 0, nil, false
	}
	return fastReference, f.kept.words.keep(parts[:n]), true
}

var fastKeywords = []string{"true", "false", null, "for"}

// list reads elements. Lines don't count inside of brackets, and a comma may stand behind the last one.
func (f *fast) list(depth int) ([]value, bool) {
	f.at++
	from := len(f.pending.values)
	for {
		f.blank()
		if f.next() == ']' {
			break
		}
		v := f.value(depth + 1)
		if v == nil {
			return nil, false
		}
		f.pending.values = append(f.pending.values, v)
		f.blank()
		if f.next() == ',' {
			f.at++
		} else if f.next() != ']' {
			return nil, false
		}
	}
	f.at++
	elems := f.listed.keep(f.pending.values[from:])
	f.pending.values = f.pending.values[:from]
	return elems, true
}

// object reads entries. A comma or a line's end separates them.
func (f *fast) object(depth int) ([]member, bool) {
	f.at++
	from := len(f.pending.members)
	for {
		f.blank()
		if f.next() == '}' {
			break
		}
		m, ok := f.entry(depth)
		if !ok {
			return nil, false
		}
		f.pending.members = append(f.pending.members, m)
		f.spaces()
		if f.next() == '}' {
			break
		}
		if f.next() == ',' {
			f.at++
		} else if !f.newline() {
			return nil, false
		}
	}
	f.at++
	members := f.keyed.keep(f.pending.members[from:])
	f.pending.members = f.pending.members[:from]
	return members, true
}

func (f *fast) entry(depth int) (member, bool) {
	start := f.pos()
	var m member
	if f.next() == '"' {
		var ok bool
		if m.key, _, ok = f.quoted(); !ok {
			return m, false
		}
	} else if m.key = f.word(); m.key == "" || slices.Contains(fastKeywords, m.key) {
		return m, false
	}
	m.keyRange = f.from(start)
	f.spaces()
	if c := f.next(); c != '=' && c != ':' {
		return m, false
	}
	f.at++
	f.spaces()
	v := f.value(depth + 1)
	m.value = v
	return m, v != nil
}
