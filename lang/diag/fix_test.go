package diag_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/diag"
)

func edit(from, to int, text string) diag.Edit {
	return diag.Edit{Text: text, Range: hcl.Range{Filename: "a", Start: hcl.Pos{Byte: from}, End: hcl.Pos{Byte: to}}}
}

func TestApply(t *testing.T) {
	elsewhere := edit(0, 9, "x")
	elsewhere.Range.Filename = "b"
	for _, row := range []struct {
		want  string
		edits []diag.Edit
	}{
		{"abcdef", nil},
		{"abcdef", []diag.Edit{elsewhere}},
		{"Xbcdef", []diag.Edit{edit(0, 1, "X")}},
		{"[abc]def", []diag.Edit{edit(3, 3, "]"), edit(0, 0, "[")}},
		{"aXYbcdef", []diag.Edit{edit(1, 1, "X"), edit(1, 1, "Y")}},
		{"Xcdef", []diag.Edit{edit(1, 2, ""), edit(0, 1, "X")}},
		{"", []diag.Edit{edit(0, 6, "")}},
		{"error", []diag.Edit{edit(0, 2, ""), edit(1, 3, "")}},
		{"error", []diag.Edit{edit(5, 7, "")}},
		{"error", []diag.Edit{edit(3, 1, "")}},
	} {
		got, err := diag.Apply([]byte("abcdef"), "a", row.edits)
		if err != nil {
			if string(got) != "abcdef" {
				t.Errorf("%v: an error must leave the text alone: %q", row.edits, got)
			}
			got = []byte("error")
		}
		if string(got) != row.want {
			t.Errorf("%v: got %q, want %q", row.edits, got, row.want)
		}
	}
}

func ExampleApply() {
	src := []byte(`actions = read`)
	word := hcl.Range{Filename: "a.gate.hcl", Start: hcl.Pos{Byte: 10}, End: hcl.Pos{Byte: 14}}
	fix := diag.Around(word, "[", "]", "put it in brackets")
	out, err := diag.Apply(src, "a.gate.hcl", fix.Edits)
	fmt.Println(string(out), err)
	// Output: actions = [read] <nil>
}

func ExamplePage() {
	page, ok := diag.Page(diag.EmptyMatch)
	first, _, _ := strings.Cut(page, "\n")
	fmt.Println(first, ok)
	// Output: # empty-match true
}
