package syntax

import (
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"gatehouse/lang/schema"
)

// shown is how messages write an attribute: in the syntax of the file that is read. The value comes as the native syntax has it.
func (r *reader) shown(name, value string) string {
	if r.json {
		return strconv.Quote(name) + ": " + InJSON(value)
	}
	return name + " = " + value
}

// shownBlock is how messages write a block with a label of that name.
func (r *reader) shownBlock(s *schema.Block, label string) string {
	switch {
	case r.json && s.Label != "":
		return strconv.Quote(s.Type) + ": { " + quote(label) + ": { … } }"
	case r.json:
		return strconv.Quote(s.Type) + ": { … }"
	case s.Label != "":
		return s.Type + " " + quote(label) + " { … }"
	}
	return s.Type + " { … }"
}

// shownRefs is how messages write references in an attribute's list.
func (r *reader) shownRefs(parts ...string) string {
	if r.json {
		return `"` + strings.Join(parts, `" or "`) + `"`
	}
	return strings.Join(parts, " or ")
}

// InJSON says in HCL's JSON syntax what a value of the native syntax says, such as a schema.Attribute's Example. Text that is no value is
// returned as it is.
func InJSON(value string) string {
	src := []byte(value)
	e, diags := hclsyntax.ParseExpression(src, "", hcl.InitialPos)
	if diags.HasErrors() {
		return value
	}
	return spellJSON(native(e), src)
}

func spellJSON(v nativeValue, src []byte) string {
	if s, ok := v.text(); ok {
		return strconv.Quote(strings.NewReplacer("${", "$${", "%{", "%%{").Replace(s))
	}
	if parts, ok := v.reference(); ok {
		return `"` + strings.Join(parts, ".") + `"`
	}
	if elems, ok := v.list(); ok {
		out := make([]string, len(elems))
		for i, e := range elems {
			out[i] = spellJSON(e.(nativeValue), src)
		}
		return "[" + strings.Join(out, ", ") + "]"
	}
	if members, ok := v.object(); ok {
		out := make([]string, len(members))
		for i, m := range members {
			out[i] = strconv.Quote(m.key) + ": " + spellJSON(m.value.(nativeValue), src)
		}
		return "{ " + strings.Join(out, ", ") + " }"
	}
	return string(v.where().SliceBytes(src))
}
