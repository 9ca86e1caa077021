package view

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
	"gatehouse/policies"
)

func TestCode(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"plain", "`plain`"},
		{"", ""},
		{"a`b", "``a`b``"},
		{"`", "`` ` ``"},
		{"a``b`c", "```a``b`c```"},
		{"two\nlines\t\x1b[31m", "`two lines [31m`"},
		{"evil\u202egnp.exe", "`evilgnp.exe`"},
	} {
		if got := code(c.text); got != c.want {
			t.Errorf("%q: %s, want %s", c.text, got, c.want)
		}
	}
}

// Nothing that a host would act upon survives in prose.
func TestProse(t *testing.T) {
	hostile := "<b>&amp;</b> @everybody #12 !34 [x](javascript:1) **bold** https://evil.example /approve\n# head `code` | cell ~~x~~ $x$"
	got := prose(hostile)
	for _, live := range []string{"<", "@e", "#1", "](", "**", "://", "/a", "\n", "~~", "$x"} {
		if strings.Contains(got, live) {
			t.Errorf("%q is left in %q", live, got)
		}
	}
	if !strings.Contains(prose("it's fine, really"), "it's fine, really") {
		t.Error("plain text is changed")
	}
}

// manyRows is access that a large change adds.
func manyRows(n int) []access.DeltaRow {
	var out []access.DeltaRow
	for i := range n {
		out = append(out, access.DeltaRow{
			Environment: "prod", Origin: "prod", Tier: model.Production, Classification: model.Restricted, Action: model.Read,
			Principal: access.Principal{Target: access.Consul, Name: fmt.Sprint("w", i)}, Workloads: []addr.Address{addr.New(addr.Workload, fmt.Sprint("w", i))},
			Surface: access.Surface{Target: access.Consul, Kind: "service", Name: fmt.Sprint("s", i%1000)}, Resource: addr.New(addr.Secret, fmt.Sprint("s", i%1000)),
			Spans: access.Spans{access.Always}, Whole: access.Spans{access.Always},
			Sources: []access.Source{{Allow: addr.New(addr.Allow, "a"), Decl: hcl.Range{Filename: "a.gate.hcl", Start: hcl.Pos{Line: i%7 + 1}}, Span: access.Always}},
		})
	}
	return out
}

// A big change stays readable, and a comment stays within what a host accepts.
func TestABigDiffIsBounded(t *testing.T) {
	c := Comparison{Policy: "p", Base: Side{Name: "main", Exists: true}, Head: Side{Name: "head", Exists: true}, Delta: access.GraphDelta{Gained: manyRows(10_000)}}
	var text, comment strings.Builder
	Diff(&text, c)
	DiffMarkdown(&comment, c)
	if lines := strings.Count(text.String(), "\n"); lines > 500 {
		t.Errorf("%d lines of text", lines)
	}
	for _, want := range []string{"10000 gained, 0 lost; restricted in production: 10000", "more: --format json lists all"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, text.String()[:500])
		}
	}
	if comment.Len() > 65_536 || !strings.Contains(comment.String(), "not shown here") || !strings.Contains(comment.String(), "10000 gained") {
		t.Errorf("a comment of %d bytes", comment.Len())
	}
	wide := Comparison{Head: Side{Exists: true}, Base: Side{Exists: true}, Delta: access.GraphDelta{Gained: manyRows(1)}}
	for range 499 {
		wide.Delta.Gained = append(wide.Delta.Gained, wide.Delta.Gained[0])
	}
	text.Reset()
	Diff(&text, wide)
	if !strings.Contains(text.String(), "+ 500 workloads gain read") || strings.Count(text.String(), "\n") > 10 {
		t.Errorf("a group that gains: %s", text.String())
	}
}

func TestABigCheckIsBounded(t *testing.T) {
	f := Findings{Policy: "p", Guardrails: []policies.Guardrail{{ID: "a/b"}}}
	for i := range 20_000 {
		r := policies.Result{Guardrail: "a/b", Level: policies.Deny, Subject: addr.New(addr.Secret, fmt.Sprint("s", i)), Detail: "something is wrong with this"}
		if i%3 == 0 {
			r.Waiver = &policies.Waiver{Exception: addr.New(addr.Exception, "e"), Reason: "for now"}
		}
		if i%3 == 1 {
			r.Level = policies.Warn
		}
		f.Results = append(f.Results, r)
	}
	var comment, text strings.Builder
	CheckMarkdown(&comment, f)
	Check(&text, f, Look{})
	if comment.Len() > 65_536 || !strings.Contains(comment.String(), "not shown here") || strings.Count(text.String(), "\n") > 200 {
		t.Errorf("a comment of %d bytes, a text of %d lines", comment.Len(), strings.Count(text.String(), "\n"))
	}
}
