package schema

import "slices"

// Variable and Locals are the block types that declare values and nothing else.
const (
	Variable = "variable"
	Locals   = "locals"
)

// ForEach is the attribute by which a block declares several things.
const ForEach = "for_each"

var variable = Block{
	Type: Variable, Label: "name", Repeat: true,
	Doc: "A value that is given from outside, with --var, --var-file or GATEHOUSE_VAR_NAME. Expressions see it as var.NAME.",
	Attrs: []Attribute{
		{Name: "type", Type: ValueType, Example: "list(string)",
			Doc: "What values it takes: string, bool, number, list(T), set(T), map(T), tuple([T, …]), object({ name = T, other = optional(T, VALUE) }) or any. " +
				"An optional key is VALUE where it is left out, and null where optional(T) names none. Left out, any; a flag then gives a text."},
		{Name: "default", Type: Value, Static: true, Example: `["fraud", "churn"]`,
			Doc: "Its value where nothing gives one: a constant. Without a default, a value must be given."},
		{Name: "description", Type: Text, Static: true, Example: `"The teams that train models."`, Doc: "What it is for."},
	},
	Blocks: []Block{{
		Type: "validation", Many: true,
		Doc: "A condition that values must meet, beside their type.",
		Attrs: []Attribute{
			{Name: "condition", Type: Value, Required: true, Example: "length(var.teams) > 0", Doc: "true for good values. It sees variables alone."},
			{Name: "error_message", Type: Text, Required: true, Example: `"At least one team has to be named."`,
				Doc: "What whoever gave a bad value should read."},
		},
	}},
}

var locals = Block{
	Type: Locals,
	Doc:  "Names for values that the policy uses more than once. Expressions see each as local.NAME. Names are unique in the policy; the blocks may be many.",
	Many: true,
	Any:  &Attribute{Name: "NAME", Type: Value, Example: "[workload.fraud-trainer, workload.churn-trainer]", Doc: "Any value: a text, a list of references, a map of maps."},
}

// declaring gives for_each to the blocks that declare things by name, and marks what stands in a static block as static.
func declaring(blocks []Block) []Block {
	for i, b := range blocks {
		for j := range b.Attrs {
			b.Attrs[j].Static = b.Attrs[j].Static || b.Static
		}
		if b.Label != "" && b.Type != Variable {
			blocks[i].Attrs = append(slices.Clip(b.Attrs), Attribute{Name: ForEach, Type: Value, Example: `toset(["fraud", "churn"])`,
				Doc: "Declares one for each element of a map or a set of texts, called NAME-KEY. Expressions in the block see each.key and each.value."})
		}
	}
	return blocks
}
