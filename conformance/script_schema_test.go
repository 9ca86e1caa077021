package conformance

import (
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// ownSchema is what gatehouse's documents are held against.
const ownSchema = "../cmd/gatehouse/view/schema.json"

// schemaOf reads a schema. Ours is made strict: it lets later versions add fields, and here a field that it doesn't describe is a mistake.
func schemaOf(name string) (*jsonschema.Schema, error) {
	file := "testdata/schemas/" + name
	if name == "" {
		file = ownSchema
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		return nil, err
	}
	if name == "" {
		closeObjects(document)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", document); err != nil {
		return nil, err
	}
	return c.Compile("schema.json")
}

// closeObjects forbids properties that aren't described, wherever some are.
func closeObjects(schema any) {
	switch s := schema.(type) {
	case map[string]any:
		if _, ok := s["properties"]; ok && s["additionalProperties"] == nil {
			s["additionalProperties"] = false
		}
		for _, inner := range s {
			closeObjects(inner)
		}
	case []any:
		for _, inner := range s {
			closeObjects(inner)
		}
	}
}

func validCommand(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: valid FILE [SCHEMA]")
	}
	name := ""
	if len(args) == 2 {
		name = args[1]
	}
	s, err := schemaOf(name)
	ts.Check(err)
	text := ts.ReadFile(args[0])
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	ts.Check(err)
	if err := s.Validate(document); (err != nil) != neg {
		ts.Fatalf("%s is not what the schema says: %v\n%s", args[0], err, text)
	}
}
