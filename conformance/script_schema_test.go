package conformance

import (
	"os"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schema is view/schema.json, made strict: the schema lets later versions add fields, and here a field that it doesn't describe is a
// mistake.
var schema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	text, err := os.ReadFile("../cmd/gatehouse/view/schema.json")
	if err != nil {
		return nil, err
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		return nil, err
	}
	closeObjects(document)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", document); err != nil {
		return nil, err
	}
	return c.Compile("schema.json")
})

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
	if len(args) != 1 {
		ts.Fatalf("usage: valid FILE")
	}
	s, err := schema()
	ts.Check(err)
	text := ts.ReadFile(args[0])
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	ts.Check(err)
	if err := s.Validate(document); (err != nil) != neg {
		ts.Fatalf("%s is not what the schema says: %v\n%s", args[0], err, text)
	}
}
