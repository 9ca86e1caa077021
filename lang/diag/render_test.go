package diag

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
)

// marked finds the range that ‹ and › enclose, and returns the text without them.
func marked(file, src string) (string, hcl.Range) {
	from := strings.Index(src, "‹")
	src = strings.Replace(src, "‹", "", 1)
	to := strings.Index(src, "›")
	src = strings.Replace(src, "›", "", 1)
	return src, hcl.Range{Filename: file, Start: pos(src, from), End: pos(src, to)}
}

func pos(src string, at int) hcl.Pos {
	line := strings.Count(src[:at], "\n") + 1
	return hcl.Pos{Line: line, Column: len([]rune(src[strings.LastIndex(src[:at], "\n")+1:at])) + 1, Byte: at}
}

func rendered(t *testing.T, src string, o Options, change func(*Diagnostic)) string {
	t.Helper()
	text, at := marked("a.gate.hcl", src)
	d := Diagnostic{Code: WrongType, Severity: Error, Summary: "it is wrong", Detail: "Mend it.", Subject: at}
	if change != nil {
		change(&d)
	}
	var b strings.Builder
	if err := Render(&b, List{d}, func(string) []byte { return []byte(text) }, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRender(t *testing.T) {
	for _, c := range []struct {
		name   string
		src    string
		o      Options
		change func(*Diagnostic)
		want   string
	}{
		{name: "one line", src: "allow \"x\" {\n  from = ‹workload.a›\n}\n", want: `
error[wrong-type]: it is wrong
 --> a.gate.hcl:2:10
  |
2 |   from = workload.a
  |          ^^^^^^^^^^
  = Mend it.
`},
		{name: "tab, prefix, CRLF", src: "x\r\n\tfrom = ‹1›\r\n", o: Options{Prefix: "../"}, want: `
error[wrong-type]: it is wrong
 --> ../a.gate.hcl:2:9
  |
2 |     from = 1
  |            ^
  = Mend it.
`},
		{name: "wide characters", src: `reason = "漢字" + ‹é́›`, want: `
error[wrong-type]: it is wrong
 --> a.gate.hcl:1:17
  |
1 | reason = "漢字" + é́
  |                   ^
  = Mend it.
`},
		{name: "several lines", src: "from = ‹[\n  1,\n  2,\n]›\n", want: `
error[wrong-type]: it is wrong
 --> a.gate.hcl:1:8
  |
1 | from = [
  |        ^
2 |   1,
  |   ^^
3 |   2,
  |   ^^
4 | ]
  | ^
  = Mend it.
`},
		{name: "many lines", src: "from = ‹[\n  1,\n  2,\n  3,\n  4,\n]›\n", want: `
error[wrong-type]: it is wrong
 --> a.gate.hcl:1:8
  |
1 | from = [
  |        ^
2 |   1,
  |   ^^
...
6 | ]
  | ^
  = Mend it.
`},
		{name: "a long line", src: strings.Repeat("a", 90) + " ‹here› " + strings.Repeat("b", 90), o: Options{Width: 60}, want: `
error[wrong-type]: it is wrong
 --> a.gate.hcl:1:92
  |
1 | …aaaaaaaaaaaaaaaaa here bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb…
  |                    ^^^^
  = Mend it.
`},
		{name: "end of file", src: "allow {\n‹›", want: `
error[wrong-type]: it is wrong
 --> a.gate.hcl:2:1
  |
2 |
  | ^
  = Mend it.
`},
		{name: "no place", src: "‹›", change: func(d *Diagnostic) { d.Subject = hcl.Range{} }, want: `
error[wrong-type]: it is wrong
  = Mend it.
`},
		{name: "control characters", src: "x = ‹\"\x1b[31m\"›", want: `
error[wrong-type]: it is wrong
 --> a.gate.hcl:1:5
  |
1 | x = "�[31m"
  |     ^^^^^^^
  = Mend it.
`},
		{name: "a wrapped detail", src: "‹x›", o: Options{Width: 30}, change: func(d *Diagnostic) {
			d.Severity, d.Detail = Warning, "A sentence that takes more than a line.\nAnother."
		}, want: `
warning[wrong-type]: it is wrong
 --> a.gate.hcl:1:1
  |
1 | x
  | ^
  = A sentence that takes more
    than a line.
    Another.
`},
		{name: "related", src: "a = 1\n‹a› = 2\n", change: func(d *Diagnostic) {
			d.Related = []Related{{Message: "first set here", Range: hcl.Range{Filename: "a.gate.hcl",
				Start: hcl.InitialPos, End: hcl.Pos{Line: 1, Column: 2, Byte: 1}}}}
		}, want: `
error[wrong-type]: it is wrong
 --> a.gate.hcl:2:1
  |
2 | a = 2
  | ^
 ::: a.gate.hcl:1:1
  |
1 | a = 1
  | - first set here
  = Mend it.
`},
		{name: "colour", src: "‹x›", o: Options{Colour: true}, want: "\n" +
			"\x1b[1;31merror[wrong-type]\x1b[0m\x1b[1m: it is wrong\x1b[0m\n" +
			" \x1b[1;34m-->\x1b[0m a.gate.hcl:1:1\n" +
			"  \x1b[1;34m|\x1b[0m\n" +
			"\x1b[1;34m1 |\x1b[0m x\n" +
			"  \x1b[1;34m|\x1b[0m \x1b[1;31m^\x1b[0m\n" +
			"  \x1b[1;34m=\x1b[0m Mend it.\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(strings.TrimPrefix(c.want, "\n"), rendered(t, c.src, c.o, c.change)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestRenderSurvivesStaleRanges(t *testing.T) {
	far := hcl.Range{Filename: "a", Start: hcl.Pos{Line: 2, Column: 90, Byte: 900}, End: hcl.Pos{Line: 1, Column: 1, Byte: 3}}
	for _, src := range []string{"", "x", "x\ny\n", "漢\n\xff"} {
		var b strings.Builder
		if err := Render(&b, List{{Subject: far, Summary: "s", Related: []Related{{Range: far, Message: "m"}}}},
			func(string) []byte { return []byte(src) }, Options{}); err != nil {
			t.Error(err)
		}
	}
}

func ExampleJSON() {
	_ = JSON(os.Stdout, List{{Code: UnknownReference, Severity: Error, Summary: "nothing is called workload.fraud",
		Subject: hcl.Range{Filename: "a.gate.hcl", Start: hcl.Pos{Line: 2, Column: 3, Byte: 12}, End: hcl.Pos{Line: 2, Column: 17, Byte: 26}}}})
	// Output:
	// {
	//   "version": 1,
	//   "diagnostics": [
	//     {
	//       "severity": "error",
	//       "code": "unknown-reference",
	//       "summary": "nothing is called workload.fraud",
	//       "range": {
	//         "file": "a.gate.hcl",
	//         "start": {
	//           "line": 2,
	//           "column": 3,
	//           "byte": 12
	//         },
	//         "end": {
	//           "line": 2,
	//           "column": 17,
	//           "byte": 26
	//         }
	//       }
	//     }
	//   ]
	// }
}

func ExampleRender() {
	src := "allow \"x\" {\n  from = workload.a\n}\n"
	_ = Render(os.Stdout, List{{
		Code: WrongType, Severity: Error, Summary: "from is a reference, not a list", Detail: "Write it in brackets: from = [workload.a]",
		Subject: hcl.Range{Filename: "a.gate.hcl", Start: hcl.Pos{Line: 2, Column: 10, Byte: 21}, End: hcl.Pos{Line: 2, Column: 20, Byte: 31}},
	}}, func(string) []byte { return []byte(src) }, Options{})
	// Output:
	// error[wrong-type]: from is a reference, not a list
	//  --> a.gate.hcl:2:10
	//   |
	// 2 |   from = workload.a
	//   |          ^^^^^^^^^^
	//   = Write it in brackets: from = [workload.a]
}

func TestCatalogueIsComplete(t *testing.T) {
	seen := map[Code]bool{}
	for _, e := range Catalogue() {
		if seen[e.Code] || e.Meaning == "" || e.Remedy == "" {
			t.Errorf("%s: repeated, or lacks an explanation", e.Code)
		}
		seen[e.Code] = true
	}
}
