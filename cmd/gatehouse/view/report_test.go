package view

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/diag"
)

// Findings that are alike have fingerprints of their own, and the same ones in every run and at every line.
func TestFingerprints(t *testing.T) {
	at := func(line int) hcl.Range {
		return hcl.Range{Filename: "a.gate.hcl", Start: hcl.Pos{Line: line, Byte: line * 10}, End: hcl.Pos{Line: line}}
	}
	prints := func(lines ...int) []string {
		var f Findings
		for _, line := range lines {
			f.Diagnostics = append(f.Diagnostics, diag.Diagnostic{Code: diag.DuplicateName, Severity: diag.Error, Summary: "twice", Subject: at(line)})
		}
		var out []string
		for _, r := range reportedOf(f) {
			out = append(out, r.print)
		}
		return out
	}
	first, moved := prints(1, 5, 9), prints(11, 15, 19)
	if diff := cmp.Diff(first, moved); diff != "" || first[0] == first[1] || first[1] == first[2] {
		t.Error(first, diff)
	}
}

// A workflow command can't be begun, ended or continued by what a policy says.
func TestAnnotationsAreEscaped(t *testing.T) {
	var out strings.Builder
	GitHub(&out, Findings{Policy: "p", Repository: "a,b:c%/", Diagnostics: diag.List{{
		Code: diag.InvalidValue, Severity: diag.Error, Summary: "50% of\r\n::warning::more", Detail: "x\n::set-output name=a::b",
		Subject: hcl.Range{Filename: "x\n.gate.hcl", Start: hcl.Pos{Line: 1, Column: 1}, End: hcl.Pos{Line: 2, Column: 1}},
	}}})
	want := "::error file=a%2Cb%3Ac%25/x%0A.gate.hcl,line=1,endLine=2,title=invalid-value::50%25 of%0D%0A::warning::more.%0Ax%0A::set-output name=a::b\nfailed: 1 error\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestColumnsInUTF16(t *testing.T) {
	f := Findings{Source: func(string) []byte { return []byte("x\n😀é y") }}
	for _, c := range []struct{ byte, want int }{{2, 1}, {6, 3}, {8, 4}, {9, 5}} {
		if got := f.column16("f", hcl.Pos{Line: 2, Byte: c.byte, Column: 99}); got != c.want {
			t.Errorf("byte %d: column %d, want %d", c.byte, got, c.want)
		}
	}
	if got := f.column16("f", hcl.Pos{Byte: 1000, Column: 7}); got != 7 {
		t.Errorf("beyond the text: %d", got)
	}
}
