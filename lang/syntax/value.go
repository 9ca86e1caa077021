package syntax

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// value is an attribute's value before its type is known: the questions that the reader asks of either syntax. Each answers for the forms
// that may stand where that type is wanted, so that a JSON string answers as text and as a reference.
type value interface {
	where() hcl.Range
	text() (string, bool)             // a text without interpolation
	template() (hcl.Expression, bool) // a text with interpolation
	boolean() (bool, bool)
	reference() ([]string, bool) // a dotted name
	list() ([]value, bool)
	object() ([]member, bool)
	shape() shape
	found() found // for messages: the shape again, and words for it
}

// member is one entry of an object.
type member struct {
	key      string
	keyRange hcl.Range
	odd      bool // the key is not a literal
	value    value
}

// found says what a value is, where it isn't what was wanted.
type found struct {
	shape  shape
	what   string // "a number", "a call of a function"
	broken []hcl.Diagnostic
}

type shape uint8

const (
	shapeLiteral  shape = iota // a value of another type
	shapeComputed              // an expression that the language doesn't have
	shapeBroken                // the text of a template doesn't parse
	shapeTooDeep               // nested beyond the limit
	shapeTold                  // the parser said what is wrong with it
	shapeUnread                // the parser found nothing that begins a value, and didn't say so again
)

// dotted splits a reference that is written in a text, such as workload.fraud-trainer or ${workload.fraud-trainer}.
func dotted(s string) ([]string, bool) {
	name, parts := dottedName(s)
	if parts == 0 {
		return nil, false
	}
	return strings.Split(name, "."), true
}

// dottedName takes a reference out of its ${ and counts its parts; 0: it is none.
func dottedName(s string) (name string, parts int) {
	if inner, ok := strings.CutPrefix(s, "${"); ok {
		inner, ok = strings.CutSuffix(inner, "}")
		if !ok {
			return "", 0
		}
		s = strings.TrimSpace(inner)
	}
	for part := range strings.SplitSeq(s, ".") {
		if !identifier(part) {
			return "", 0
		}
		parts++
	}
	return s, parts
}

// identifier is the ASCII part of HCL's identifiers; names beyond it are no names of a policy.
func identifier(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '-')) {
			return false
		}
	}
	return s != ""
}
