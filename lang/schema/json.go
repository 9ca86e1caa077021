package schema

import (
	"encoding/json"
	"slices"
	"strings"
)

// JSONSchema returns the table as a JSON Schema (draft 2020-12) of files in the JSON syntax, for editors and for programs that write policies. It
// is made of the same table as the reader. What a schema can't see (that a reference is declared, that a thing stands once) it lets
// pass; whatever it refuses, the reader or the resolver refuses as well.
func JSONSchema() []byte {
	d := definitions{"computed": object{
		"type": "string", "pattern": `\$\{|%\{|^(var|local|each)\.`,
		"description": "An expression that gives the value: in ${…}, or bare where it begins with var, local or each.",
	}}
	file := d.body("file", Block{Blocks: File(), Doc: "A policy file in HCL's JSON syntax. Its name ends in .gate.json."})
	file["properties"].(object)["$schema"] = object{"type": "string", "description": "Where this schema is, for editors. It means nothing to Gatehouse."}
	d["file"] = file
	text, err := json.MarshalIndent(object{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"title":   "Gatehouse policy file, JSON syntax",
		"anyOf":   []any{ref("file"), object{"type": "array", "items": ref("file")}},
		"$defs":   d,
	}, "", "  ")
	if err != nil {
		return nil // not reached: it is made of texts, lists and maps
	}
	return append(text, '\n')
}

type object = map[string]any

// definitions are the schemas of blocks' bodies, by path: workload, workload.in.
type definitions object

func ref(name string) object { return object{"$ref": "#/$defs/" + name} }

// body describes what stands in a block, or in a file.
func (d definitions) body(path string, b Block) object {
	properties := object{"//": object{"description": "A comment."}}
	var required []string
	for _, a := range b.Attrs {
		properties[a.Name] = d.attribute(a)
		if a.Required {
			required = append(required, a.Name)
		}
	}
	for _, inner := range b.Blocks {
		properties[inner.Type] = d.block(strings.TrimPrefix(path+"."+inner.Type, "file."), inner)
		if inner.Required {
			required = append(required, inner.Type)
		}
	}
	out := object{"type": "object", "description": b.Doc, "properties": properties, "additionalProperties": false}
	if b.Any != nil {
		out["additionalProperties"] = d.attribute(*b.Any)
	}
	if len(required) > 0 {
		slices.Sort(required)
		out["required"] = required
	}
	return out
}

// block describes a property that holds blocks of one type: a body or several, below their labels where they have one. null is no block.
func (d definitions) block(path string, b Block) object {
	d[path] = d.body(path, b)
	several := object{"type": "array", "items": ref(path)}
	if b.Label == "" && !b.Many {
		several["maxItems"] = 1
	}
	bodies := []any{ref(path), several, object{"type": "null"}}
	if b.Label == "" {
		return object{"description": b.Doc, "anyOf": bodies}
	}
	labels := object{
		"type": "object", "properties": object{"//": object{"description": "A comment."}},
		"additionalProperties": object{"anyOf": bodies}, "minProperties": 1,
	}
	if b.Label == "name" {
		labels["propertyNames"] = object{"anyOf": []any{object{"const": "//"}, object{"pattern": "^[a-z][a-z0-9_-]{0,62}$"}}}
	}
	return object{"description": b.Doc, "anyOf": []any{labels, object{"type": "array", "items": labels}, object{"type": "null"}}}
}

// attribute describes a property that is an attribute.
func (d definitions) attribute(a Attribute) object {
	if a.Refused != "" {
		return object{"description": a.Refused, "not": object{}}
	}
	out := d.value(a)
	if !a.Static && out["type"] != "string" && out["anyOf"] == nil && a.Type != Value {
		out = object{"anyOf": []any{out, ref("computed")}}
	}
	out["description"] = a.Doc
	var fallback any
	if json.Unmarshal([]byte(a.Default), &fallback) == nil {
		out["default"] = fallback
	}
	return out
}

func (d definitions) value(a Attribute) object {
	switch a.Type {
	case Bool:
		return object{"type": "boolean"}
	case Enum:
		return object{"enum": a.Values}
	case References:
		return d.list(a, strings.Join(a.Kinds, "-or-"), object{"type": "string", "pattern": kindPattern(a.Kinds)}, 1)
	case Reference:
		return either(a, object{"type": "string", "pattern": kindPattern(a.Kinds)})
	case Words:
		return d.list(a, strings.Join(a.Values, "-or-"), object{"enum": a.Values}, 1)
	case Texts:
		return d.list(a, "text", object{"type": "string"}, 0)
	case Labels:
		return object{"type": "object", "additionalProperties": object{"type": "string"}}
	case Time:
		return either(a, object{"type": "string", "format": "date-time", "pattern": `^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}([Zz]|[+-]\d{2}:\d{2})$`})
	case Duration:
		return either(a, object{"type": "string", "pattern": `^\+?([0-9]+(\.[0-9]*)?(h|m|s|ms|us|µs|ns))+$`})
	case Value:
		return object{"not": object{"type": "null"}}
	}
	return object{"type": "string"}
}

// list describes a list of elements. One that may be computed may hold lists, too, whose elements are its own.
func (d definitions) list(a Attribute, name string, element object, least int) object {
	out := object{"type": "array", "items": element}
	if !a.Static {
		name = "element." + name
		out["items"] = ref(name)
		d[name] = object{"anyOf": []any{element, ref("computed"), object{"type": "array", "items": ref(name)}}}
	}
	if least > 0 {
		out["minItems"] = least
	}
	return out
}

// either adds the expression where one may stand.
func either(a Attribute, literal object) object {
	if a.Static {
		return literal
	}
	return object{"anyOf": []any{literal, ref("computed")}}
}

// kindPattern is what a reference begins with; the rest is for the resolver to judge.
func kindPattern(kinds []string) string {
	return `^(\$\{\s*)?(` + strings.Join(kinds, "|") + `)\s*[.\[]`
}
