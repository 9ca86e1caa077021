package google

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"gatehouse/compiler/access"
	"gatehouse/targets"
	"gatehouse/targets/google"
)

// TestDocumented reads what Google's documentation says, case by case, in testdata/iam. README.md there says how a case is written.
func TestDocumented(t *testing.T) {
	files, err := filepath.Glob("../testdata/iam/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	source := regexp.MustCompile(`(?m)^https://cloud\.google\.com/\S+$`)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !source.Match(archive.Comment) {
				t.Error("the case does not say which page it is from")
			}
			last := len(archive.Files) - 1
			got := documented(t, archive.Files[:last])
			if os.Getenv("GATEHOUSE_UPDATE") != "" {
				archive.Files[last].Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(archive.Files[last].Data), got); archive.Files[last].Name != "edges" || diff != "" {
				t.Errorf("%s (-want +got):\n%s", archive.Files[last].Name, diff)
			}
		})
	}
}

// documented interprets the objects of a case, and tells the edges.
func documented(t *testing.T, parts []txtar.File) string {
	t.Helper()
	facts := targets.Facts{Surfaces: []access.Surface{{Target: access.Google, Kind: google.Secret, Name: "projects/acme-prod/secrets/key"}}}
	for _, part := range parts {
		kind, name, _ := strings.Cut(part.Name, " ")
		facts.Objects = append(facts.Objects, targets.Object{Key: targets.Key{Kind: kind, Name: name}, Body: json.RawMessage(part.Data)})
	}
	edges, err := google.Driver{}.Interpret(facts, time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, e := range edges {
		fmt.Fprintln(&out, sentence(e))
	}
	return out.String()
}

func sentence(e access.Edge) string {
	text := e.From.Name
	if e.From.Name == access.Anyone {
		text = "anyone"
	}
	if len(e.Except) > 0 {
		text += " but " + strings.Join(e.Except, ", ")
	}
	if e.ActsAs != (access.Principal{}) {
		text += " acts as " + e.ActsAs.Name
	} else {
		text += fmt.Sprintf(" %s %s", e.Verb, strings.TrimPrefix(e.To.Name, "projects/acme-prod/secrets/"))
	}
	for _, s := range e.Spans {
		if begin, ok := s.Begins(); ok {
			text += " from " + begin.Format(time.RFC3339)
		}
		if end, ok := s.Ends(); ok {
			text += " until " + end.Format(time.RFC3339)
		}
	}
	if e.Requests != "" {
		text += " for " + e.Requests
	}
	return text
}
