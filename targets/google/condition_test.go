package google

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"gatehouse/compiler/access"
)

// TestConditions says when a condition holds, in seconds, and when that is open; the times of rows are seconds since 1970.
func TestConditions(t *testing.T) {
	at := func(n int) string {
		return fmt.Sprintf("timestamp(%q)", time.Unix(int64(n), 0).UTC().Format(time.RFC3339))
	}
	for _, test := range []struct{ expression, is, open string }{
		{"true", "..", ""},
		{"false", "", ""},
		{"request.time < T10", "..10", ""},
		{"request.time <= T10", "..11", ""}, // that second has a moment in which it holds
		{"request.time > T10", "10..", ""},
		{"request.time >= T10", "10..", ""},
		{"request.time == T10", "10..11", ""},
		{"request.time != T10", "..", ""},
		{"T10 > request.time", "..10", ""},
		{"T10 <= request.time", "10..", ""},
		{`request.time < timestamp("1970-01-01T00:00:10.5Z")`, "..11", ""},
		{`request.time > timestamp("1970-01-01T00:00:10.5Z")`, "10..", ""},
		{`request.time < timestamp("1970-01-01T01:00:10+01:00")`, "..10", ""},
		{`request.time < T10 + duration("5s")`, "..15", ""},
		{"!(request.time < T10)", "10..", ""},
		{"!(request.time >= T10)", "..10", ""},
		{"request.time >= T10 && request.time < T20", "10..20", ""},
		{"request.time < T10 && request.time >= T20", "", ""},
		{"request.time < T10 || request.time >= T20", "..10 20..", ""},
		{"(request.time < T10 || request.time >= T20) && request.time < T30", "..10 20..30", ""},
		{"request.time < T10 ? true : request.time >= T20", "..10 20..", ""},
		{`resource.service == "secretmanager.googleapis.com" && request.time < T10`, "..10", ""},
		{`resource.type == "x" || request.time < T10`, "..10", ""},
		{`resource.name.extract("secrets/{s}/") == "key"`, "", ".."}, // of a version, of which the beginning is known
		{`resource.name != "projects/123/secrets/key/versions/1"`, "", ".."},
		{`resource.name != "projects/123/secrets/else"`, "..", ""},
		{`resource.name.startsWith("projects/123/secrets/key/versions/1")`, "", ".."},
		{`resource.name.startsWith("projects/123/secrets/ke") && request.time < T10`, "..10", ""},
		{`request.time.getDayOfWeek() == 1 && request.time < T10`, "", "..10"},
		{`request.time.getDayOfWeek() == 1 || request.time < T10`, "..10", "10.."},
		{`api.getAttribute("iam.googleapis.com/modifiedGrantsByRole", []).hasOnly(["roles/viewer"])`, "", ".."},
		{`"accessPolicies/1" in request.auth.access_levels`, "", ".."},
		{"resource.matchTag('a/b', 'c') && false", "", ""},
		{"resource.matchTag('a/b', 'c') || request.time < T10", "..10", "10.."},
		{"1/0 == 1", "", ""},           // it can't be evaluated: it does not hold,
		{"!(1/0 == 1)", "", ""},        // and neither does its opposite
		{"1/0 == 1 || true", "..", ""}, // but it doesn't matter here
		{`timestamp("never") < request.time`, "", ""},
		{"request.time < ", "", ".."},
		{"request.time", "", ".."},
		{strings.Repeat("(", 500) + "true" + strings.Repeat(")", 500), "", ".."},
	} {
		text := test.expression
		for _, n := range []int{10, 20, 30} {
			text = strings.ReplaceAll(text, fmt.Sprintf("T%d", n), at(n))
		}
		c, err := newConditions()
		if err != nil {
			t.Fatal(err)
		}
		got, _ := c.ask(text, place{"123", "key"}.request(accessVersions))
		if is, open := seconds(got.is), seconds(got.doubtful()); is != test.is || open != test.open {
			t.Errorf("%s: holds %q, open %q; want %q, %q", test.expression, is, open, test.is, test.open)
		}
	}
}

func seconds(spans access.Spans) string {
	var out []string
	for _, s := range spans {
		text := ""
		if begin, ok := s.Begins(); ok {
			text += fmt.Sprint(begin.Unix())
		}
		text += ".."
		if end, ok := s.Ends(); ok {
			text += fmt.Sprint(end.Unix())
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

// TestSpansAreWhatCELSays compares the spans of random conditions with CEL's own verdict at many moments: where CEL says yes, the second is
// held, and where a whole second is held CEL says yes somewhere in it.
func TestSpansAreWhatCELSays(t *testing.T) {
	language, err := conditionLanguage()
	if err != nil {
		t.Fatal(err)
	}
	moment := func(halves int64) string {
		return fmt.Sprintf("timestamp(%q)", time.UnixMilli(halves*500).UTC().Format("2006-01-02T15:04:05.000Z"))
	}
	var expression func(rt *rapid.T, depth int) string
	expression = func(rt *rapid.T, depth int) string {
		if depth == 0 || rapid.IntRange(0, 2).Draw(rt, "leaf") == 0 {
			operator := rapid.SampledFrom([]string{"<", "<=", ">", ">=", "==", "!="}).Draw(rt, "operator")
			return "request.time " + operator + " " + moment(rapid.Int64Range(0, 20).Draw(rt, "moment"))
		}
		switch rapid.IntRange(0, 3).Draw(rt, "kind") {
		case 0:
			return "!(" + expression(rt, depth-1) + ")"
		case 1:
			return "(" + expression(rt, depth-1) + " ? " + expression(rt, depth-1) + " : " + expression(rt, depth-1) + ")"
		case 2:
			return "(" + expression(rt, depth-1) + " && " + expression(rt, depth-1) + ")"
		}
		return "(" + expression(rt, depth-1) + " || " + expression(rt, depth-1) + ")"
	}
	rapid.Check(t, func(rt *rapid.T) {
		text := expression(rt, 3)
		c, err := newConditions()
		if err != nil {
			rt.Fatal(err)
		}
		got, _ := c.ask(text, request{})
		tree, issues := language.Compile(text)
		if issues.Err() != nil {
			rt.Fatal(issues.Err())
		}
		program, err := language.Program(tree)
		if err != nil {
			rt.Fatal(err)
		}
		for quarters := int64(-4); quarters < 52; quarters++ {
			now := time.UnixMilli(quarters * 250).UTC()
			if holds(rt, program, now) && !got.is.Contains(now) {
				rt.Fatalf("%s holds at %s, and the spans are %s", text, now, seconds(got.is))
			}
		}
		if open := got.doubtful(); len(open) > 0 {
			rt.Fatalf("%s is open at %s", text, seconds(open))
		}
	})
}

func holds(t *rapid.T, program cel.Program, at time.Time) bool {
	out, _, err := program.Eval(map[string]any{"request.time": at})
	if err != nil {
		t.Fatal(err)
	}
	return out == types.True
}
