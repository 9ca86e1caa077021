package conformance

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"gatehouse/lang/diag"
	language "gatehouse/lang/schema"
)

// TestJSONSchemaIsCurrent keeps lang/gate.schema.json, for those who have no program at hand.
func TestJSONSchemaIsCurrent(t *testing.T) {
	const path = root + "/lang/gate.schema.json"
	want := language.JSONSchema()
	text, err := os.ReadFile(path)
	if err == nil && bytes.Equal(text, want) {
		return
	}
	if !update {
		t.Fatalf("%s (-is +generated; GATEHOUSE_UPDATE=1 rewrites it; %v):\n%s", path, err, cmp.Diff(string(text), string(want)))
	}
	if err := os.WriteFile(path, want, 0o644); err != nil {
		t.Fatal(err)
	}
}

func languageSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(language.JSONSchema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("gate.schema.json", document); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("gate.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// shapes are the codes of mistakes that a schema sees.
var shapes = []diag.Code{diag.UnknownAttribute, diag.UnknownBlock, diag.MissingAttribute, diag.WrongType, diag.WrongLabels}

// beyond are cases whose mistakes of shape the table doesn't have: what one attribute asks of another, and of what an expression gives.
var beyond = map[string]bool{
	"for-each-lacks.txtar": true, "for-each-mistakes.txtar": true, "group-neither.txtar": true, "http-values.txtar": true,
	"text-not-given.txtar": true, "variable-lengths.txtar": true, "variable-shapes.txtar": true,
}

// TestJSONSchemaAgrees gives every file of the corpus, said in JSON, to the schema: a file that it refuses has an error in it, and a file
// with a mistake of shape is refused.
func TestJSONSchemaAgrees(t *testing.T) {
	s := languageSchema(t)
	files, refused := 0, 0
	for _, path := range corpus(t) {
		c := readCase(t, path)
		if c.json == "none" {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			texts := toJSON(t, c.files)
			found := c.compile(t, texts).Diagnostics
			for name, text := range texts {
				document, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
				if err != nil || !strings.HasSuffix(name, ".gate.json") {
					continue // no JSON: the reader's matter
				}
				files++
				verdict := s.Validate(document)
				if verdict != nil {
					refused++
				}
				if verdict == nil && beyond[filepath.Base(path)] {
					continue
				}
				judge(t, name, verdict, errorsIn(found, name))
			}
		})
	}
	if files < 100 || refused < 20 {
		t.Errorf("only %d files, of which the schema refused %d", files, refused)
	}
}

func errorsIn(list diag.List, file string) diag.List {
	return slices.DeleteFunc(slices.Clone(list), func(d diag.Diagnostic) bool { return d.Severity != diag.Error || d.Subject.Filename != file })
}

func judge(t *testing.T, name string, verdict error, found diag.List) {
	t.Helper()
	if verdict != nil && len(found) == 0 {
		t.Errorf("%s: nothing is wrong, and the schema refuses it: %v", name, verdict)
	}
	i := slices.IndexFunc(found, func(d diag.Diagnostic) bool { return slices.Contains(shapes, d.Code) })
	if verdict == nil && i >= 0 {
		t.Errorf("%s: the schema lets it pass:\n%s", name, messages(found[i:i+1]))
	}
}

// TestJSONSchemaRefusesMistakes has the slips of people who write JSON by hand.
func TestJSONSchemaRefusesMistakes(t *testing.T) {
	s := languageSchema(t)
	const workload = `{"workload": {"trainer": %s}}`
	for _, row := range []struct {
		good bool
		text string
	}{
		{true, fmt.Sprintf(workload, `{"environments": ["environment.prod"]}`)},
		{true, fmt.Sprintf(workload, `{"environments": ["${environment.prod}"], "//": "ours"}`)},
		{true, fmt.Sprintf(workload, `[{"environments": ["environment.prod"]}]`)},
		{true, `{"$schema": "gate.schema.json", "//": ["a", "comment"], "allow": null}`},
		{true, `[{"group": {"g": {"match": {"a": "b"}}}}, {"group": [{"h": {"workloads": ["workload.a"]}}]}]`},
		{false, fmt.Sprintf(workload, `{"environments": "environment.prod"}`)},
		{false, fmt.Sprintf(workload, `{"environments": ["prod"]}`)},
		{false, fmt.Sprintf(workload, `{"environments": ["workload.prod"]}`)},
		{false, fmt.Sprintf(workload, `{"environments": []}`)},
		{false, fmt.Sprintf(workload, `{"enviroments": ["environment.prod"]}`)},
		{false, fmt.Sprintf(workload, `{"environments": ["environment.prod"], "interactive": "yes"}`)},
		{false, fmt.Sprintf(workload, `{"environments": ["environment.prod"], "labels": {"a": 1}}`)},
		{false, fmt.Sprintf(workload, `{}`)},
		{false, `{"workload": {"environments": ["environment.prod"]}}`},
		{false, `{"workload": {"Trainer": {"environments": ["environment.prod"]}}}`},
		{false, `{"wrkload": {}}`},
		{false, `{"environment": {"prod": {"tier": "prod"}}}`},
		{false, `{"deny": {"d": {"from": ["workload.a"], "to": ["secret.b"], "expires": "2027-03-01T00:00:00Z"}}}`},
		{false, `{"allow": {"d": {"from": ["workload.a"], "to": ["secret.b"], "expires": "2027-03-01"}}}`},
		{false, `{"secret": {"s": {"classification": "internal", "environments": ["environment.a"], "rotation": "30d"}}}`},
	} {
		document, err := jsonschema.UnmarshalJSON(strings.NewReader(row.text))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(document); (err == nil) != row.good {
			t.Errorf("%s: accepted = %v (%v)", row.text, err == nil, err)
		}
	}
}
