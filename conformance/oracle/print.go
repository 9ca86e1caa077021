package oracle

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Block is one block of a policy file, to be printed.
type Block struct {
	Type   string
	Label  string // empty: none
	Attrs  []Attr
	Blocks []Block
}

// Attr is one attribute; exactly one of its values is set.
type Attr struct {
	Name   string
	Text   string            // a quoted text
	Bare   string            // one bare word: a reference, true
	Words  []string          // a list of bare words: references, actions
	Texts  []string          // a list of quoted texts
	Labels map[string]string // an object of texts
}

// HCL prints blocks in the native syntax.
func HCL(blocks []Block) string {
	var b strings.Builder
	for _, block := range blocks {
		block.hcl(&b, "")
	}
	return b.String()
}

func (k Block) hcl(b *strings.Builder, indent string) {
	b.WriteString(indent + k.Type + " ")
	if k.Label != "" {
		b.WriteString(strconv.Quote(k.Label) + " ")
	}
	b.WriteString("{\n")
	for _, a := range k.Attrs {
		fmt.Fprintf(b, "%s  %s = %s\n", indent, a.Name, a.value(func(word string) string { return word }, " = "))
	}
	for _, inner := range k.Blocks {
		inner.hcl(b, indent+"  ")
	}
	b.WriteString(indent + "}\n")
}

// value prints an attribute's value; the two syntaxes differ in how words and the entries of objects are written.
func (a Attr) value(word func(string) string, is string) string {
	var parts []string
	switch {
	case a.Labels != nil:
		for _, key := range slices.Sorted(maps.Keys(a.Labels)) {
			parts = append(parts, strconv.Quote(key)+is+strconv.Quote(a.Labels[key]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case a.Bare == "true":
		return a.Bare
	case a.Bare != "":
		return word(a.Bare)
	case a.Texts != nil:
		for _, text := range a.Texts {
			parts = append(parts, strconv.Quote(text))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case a.Words != nil:
		for _, w := range a.Words {
			parts = append(parts, word(w))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return strconv.Quote(a.Text)
}

// JSON prints blocks in the JSON syntax, as a list of one object each, so that their order stays.
func JSON(blocks []Block) string {
	var parts []string
	for _, k := range blocks {
		parts = append(parts, "{"+k.json()+"}")
	}
	return "[" + strings.Join(parts, ",\n") + "]\n"
}

func (k Block) json() string {
	var parts []string
	for _, a := range k.Attrs {
		parts = append(parts, strconv.Quote(a.Name)+": "+a.value(strconv.Quote, ": "))
	}
	for _, kind := range kinds(k.Blocks) {
		var same []string
		for _, inner := range k.Blocks {
			if inner.Type == kind {
				_, body, _ := strings.Cut(inner.json(), ": ")
				same = append(same, body)
			}
		}
		parts = append(parts, strconv.Quote(kind)+": ["+strings.Join(same, ", ")+"]")
	}
	body := "{" + strings.Join(parts, ", ") + "}"
	if k.Label != "" {
		body = "{" + strconv.Quote(k.Label) + ": " + body + "}"
	}
	return strconv.Quote(k.Type) + ": " + body
}

func kinds(blocks []Block) []string {
	var out []string
	for _, k := range blocks {
		if !slices.Contains(out, k.Type) {
			out = append(out, k.Type)
		}
	}
	return out
}

func text(name, value string) []Attr {
	if value == "" {
		return nil
	}
	return []Attr{{Name: name, Text: value}}
}

func words(name string, list []string) []Attr {
	if list == nil {
		return nil
	}
	return []Attr{{Name: name, Words: list}}
}

func texts(name string, list []string) []Attr {
	if list == nil {
		return nil
	}
	return []Attr{{Name: name, Texts: list}}
}

func labelled(name string, of map[string]string) []Attr {
	if of == nil {
		return nil
	}
	return []Attr{{Name: name, Labels: of}}
}

func moment(name string, at int64) []Attr {
	if at == 0 {
		return nil
	}
	return text(name, time.Unix(at, 0).UTC().Format(time.RFC3339))
}
