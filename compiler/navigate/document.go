package navigate

import (
	"fmt"
	"strings"

	"gatehouse/lang/diag"
	"gatehouse/lang/schema"
)

// AttributeDoc is the table's documentation of an attribute, in Markdown.
func AttributeDoc(a *schema.Attribute) string {
	if a.Refused != "" {
		return a.Refused
	}
	facts := []string{typeWords(a)}
	if a.Type != schema.Bool { // a value is shown as it is written
		facts[0] = upper(facts[0])
	}
	switch {
	case a.Required:
		facts = append(facts, "required")
	case a.Default != "":
		facts = append(facts, "left out: `"+a.Default+"`")
	}
	doc := a.Doc + "\n\n" + strings.Join(facts, "; ") + "."
	if a.Example != "" {
		doc += "\n\n" + code(a.Name+" = "+a.Example)
	}
	return doc
}

// BlockDoc is the table's documentation of a block, in Markdown.
func BlockDoc(b *schema.Block) string {
	doc := b.Doc
	var required, optional []string
	for _, a := range b.Attrs {
		switch {
		case a.Refused != "":
		case a.Required:
			required = append(required, "`"+a.Name+"`")
		default:
			optional = append(optional, "`"+a.Name+"`")
		}
	}
	for _, inner := range b.Blocks {
		optional = append(optional, "`"+inner.Type+"` (block)")
	}
	if len(required) > 0 {
		doc += "\n\nRequired: " + strings.Join(required, ", ") + "."
	}
	if len(optional) > 0 {
		doc += "\n\nOptional: " + strings.Join(optional, ", ") + "."
	}
	return doc
}

// typeWords says what an attribute's value is.
func typeWords(a *schema.Attribute) string {
	switch a.Type {
	case schema.Text:
		return "text"
	case schema.Template:
		return "naming template"
	case schema.Bool:
		return "true or false"
	case schema.Enum:
		return diag.Listed(quoted(a.Values), "or")
	case schema.References:
		return "list of references: " + forms(a.Kinds)
	case schema.Reference:
		return "reference: " + forms(a.Kinds)
	case schema.Words:
		return "list of " + diag.Listed(a.Values, "and")
	case schema.Texts:
		return "list of texts"
	case schema.Labels:
		return "labels"
	case schema.Time:
		return "time (RFC 3339)"
	case schema.Duration:
		return "duration"
	case schema.ValueType:
		return "type of values"
	default:
		return "any value"
	}
}

func quoted(words []string) []string {
	out := make([]string, len(words))
	for i, word := range words {
		out[i] = quote(word)
	}
	return out
}

// forms lists what may be referred to.
func forms(kinds []string) string {
	out := make([]string, len(kinds))
	for i, k := range kinds {
		out[i] = k + ".NAME"
	}
	return diag.Listed(out, "or")
}

// code fences a text, so that an editor colours it.
func code(text string) string { return fmt.Sprintf("```hcl\n%s\n```", text) }

func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
