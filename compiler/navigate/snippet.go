package navigate

import (
	"fmt"
	"slices"
	"strings"

	"gatehouse/lang/addr"
	"gatehouse/lang/schema"
)

// skeleton writes an attribute's value as a snippet whose first place to fill in has a number.
func skeleton(a *schema.Attribute, n int) string {
	switch a.Type {
	case schema.Enum:
		return fmt.Sprintf(`"${%d|%s|}"`, n, strings.Join(a.Values, ","))
	case schema.Bool:
		return fmt.Sprintf("${%d|true,false|}", n)
	case schema.Words:
		return fmt.Sprintf("[${%d|%s|}]", n, strings.Join(a.Values, ","))
	case schema.References:
		return fmt.Sprintf("[$%d]", n)
	case schema.Reference:
		return fmt.Sprintf("${%d:%s}", n, escape(a.Kinds[0]+"."))
	case schema.Texts:
		return fmt.Sprintf(`["$%d"]`, n)
	case schema.Labels:
		return fmt.Sprintf("{ $%d }", n)
	case schema.Time, schema.Duration:
		return fmt.Sprintf(`"${%d:%s}"`, n, escape(strings.Trim(a.Example, `"`)))
	case schema.Value, schema.ValueType:
		return fmt.Sprintf("${%d:%s}", n, escape(a.Example))
	case schema.Text, schema.Template:
		return fmt.Sprintf(`"$%d"`, n)
	default:
		return fmt.Sprintf("$%d", n)
	}
}

// escape keeps a text from being read as a part of the snippet.
func escape(text string) string {
	return strings.NewReplacer(`\`, `\\`, `$`, `\$`, `}`, `\}`).Replace(text)
}

// blockSnippet writes a block with what it can't do without, aligned as the formatter does it.
func blockSnippet(b *schema.Block) string {
	var s strings.Builder
	n := 1
	s.WriteString(b.Type)
	if b.Label != "" {
		fmt.Fprintf(&s, ` "${%d:%s}"`, n, escape(b.Label))
		n++
	}
	s.WriteString(" {\n")
	attrs, longest := needed(b), 0
	for _, a := range attrs {
		longest = max(longest, len(a.Name))
	}
	for _, a := range attrs {
		fmt.Fprintf(&s, "\t%-*s = %s\n", longest, a.Name, skeleton(a, n))
		n++
	}
	switch {
	case b.Type == string(addr.FeatureStore): // nothing reaches one without a surface
		fmt.Fprintf(&s, "\t${%d|%s {},%s {}|}\n", n, addr.Online, addr.Offline)
	case len(attrs) == 0:
		fmt.Fprintf(&s, "\t$%d\n", n)
	}
	s.WriteString("}")
	return s.String()
}

// needed returns the attributes that a block has to have: the required ones, and the first of two of which one has to stand.
func needed(b *schema.Block) []*schema.Attribute {
	var out []*schema.Attribute
	for i := range b.Attrs {
		a := &b.Attrs[i]
		first := a.Instead != "" && !slices.ContainsFunc(out, func(other *schema.Attribute) bool { return other.Name == a.Instead })
		if a.Required || first {
			out = append(out, a)
		}
	}
	return out
}
