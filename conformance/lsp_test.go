package conformance

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestEditor plays editors with the language server: each case of testdata/lsp is a tree of files and a conversation. It starts the program
// as an editor does, and speaks to it over its standard input and output. README.md there says what a conversation is made of.
func TestEditor(t *testing.T) {
	cases, err := filepath.Glob("testdata/lsp/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatal("no cases", err)
	}
	for _, name := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			playEditor(t, name)
		})
	}
}

func playEditor(t *testing.T, name string) {
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	e := startEditor(t, archive.Files)
	got := e.play(string(archive.Comment))
	if update {
		archive.Comment = []byte(got)
		if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(archive.Comment), got); diff != "" {
		t.Errorf("GATEHOUSE_UPDATE=1 rewrites what was answered:\n%s", diff)
	}
}

// play runs a conversation, and returns it with the answers that were given: lines that begin with > are answers.
func (e *editor) play(script string) string {
	var out bytes.Buffer
	for line := range strings.Lines(script) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, ">") {
			continue
		}
		fmt.Fprintln(&out, line)
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		words, err := wordsOf(line)
		if err != nil {
			e.t.Fatalf("%s: %v", line, err)
		}
		for _, answer := range e.act(words) {
			fmt.Fprintln(&out, strings.TrimRight("> "+e.clean(answer), " "))
		}
	}
	return out.String()
}

var quotedOrBare = regexp.MustCompile(`^("(?:[^"\\]|\\.)*"|\S+)\s*`)

// wordsOf cuts a line into words; what stands in double quotes is one, with Go's escapes.
func wordsOf(line string) ([]string, error) {
	var out []string
	for line != "" {
		found := quotedOrBare.FindStringSubmatch(line)
		word := found[1]
		if strings.HasPrefix(word, `"`) {
			unquoted, err := strconv.Unquote(word)
			if err != nil {
				return nil, err
			}
			word = unquoted
		}
		out, line = append(out, word), line[len(found[0]):]
	}
	return out, nil
}

// clean takes out of an answer what differs from run to run: where the files lie.
func (e *editor) clean(answer string) string {
	answer = strings.ReplaceAll(answer, uriPrefix(e.root), "")
	answer = strings.ReplaceAll(answer, e.root, "ROOT")
	return pages.ReplaceAllString(answer, "PAGES/")
}

var pages = regexp.MustCompile(`file://[^ "]*/gatehouse-explain-[0-9]+/`)

// act does one line of a conversation, and returns what there is to say about it.
func (e *editor) act(words []string) []string {
	verb, args := words[0], words[1:]
	acts := map[string]struct {
		args int
		do   func(args []string) []string
	}{
		"open":        {1, e.open},
		"edit":        {3, e.edit},
		"save":        {1, e.save},
		"close":       {1, e.shut},
		"disk":        {2, e.disk},
		"folder":      {1, e.folder},
		"diagnostics": {0, e.diagnostics},
		"complete":    {1, e.complete},
		"accept":      {2, e.accept},
		"hover":       {1, e.hover},
		"definition":  {1, e.definition},
		"references":  {1, e.references},
		"highlight":   {1, e.highlight},
		"prepare":     {1, e.prepare},
		"rename":      {2, e.rename},
		"outline":     {1, e.outline},
		"find":        {1, e.find},
		"format":      {1, e.format},
		"actions":     {1, e.actions},
		"apply":       {2, e.apply},
		"explain":     {1, e.explain},
		"request":     {2, e.request},
		"notify":      {2, e.notify},
		"exit":        {0, e.exit},
	}
	act, ok := acts[verb]
	if !ok || len(args) != act.args {
		e.t.Fatalf("%s takes %d words, not %q", verb, act.args, args)
	}
	if !slices.Contains([]string{"request", "notify", "exit"}, verb) {
		defer e.settle()
	}
	return act.do(args)
}
