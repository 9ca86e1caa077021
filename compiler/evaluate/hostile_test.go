package evaluate

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gatehouse/lang/diag"
	"gatehouse/lang/syntax"
)

// Whatever a policy computes, it is refused in a moment where it is too much: here within a twentieth of what it may.
func TestHostile(t *testing.T) {
	doubling := "locals {\n  a0 = \"xxxxxxxxxxxxxxxx\"\n"
	nesting := "locals {\n  a0 = [1]\n"
	growing := "locals {\n  a0 = [1, 2]\n"
	numbers := "locals {\n  a0 = 1e900\n"
	for i := range 200 {
		doubling += fmt.Sprintf("  a%d = \"${local.a%d}${local.a%d}\"\n", i+1, i, i)
		nesting += fmt.Sprintf("  a%d = [local.a%d]\n", i+1, i)
		growing += fmt.Sprintf("  a%d = concat(local.a%d, local.a%d)\n", i+1, i, i)
		numbers += fmt.Sprintf("  a%d = local.a%d * local.a%d\n", i+1, i, i)
	}
	loop := func(n int) string {
		return strings.Repeat("[for x in local.l : ", n) + "1" + strings.Repeat("]", n)
	}
	var words []string
	for i := range 200 {
		words = append(words, fmt.Sprintf("x%d", i))
	}
	digits := "locals {\n  l = split(\",\", \"" + strings.Join(words, ",") + "\")\n"
	for name, text := range map[string]string{
		"doubling":        doubling + "}\n",
		"nesting":         nesting + "}\n",
		"growing":         growing + "}\n",
		"numbers":         numbers + "}\n",
		"loops":           digits + "  x = " + loop(40) + "\n}\n",
		"loops in maps":   digits + "  x = { for a in local.l : a => { for b in local.l : b => { for c in local.l : c => { for d in local.l : d => a } } } }\n}\n",
		"conditions":      digits + "  x = [for a in local.l : a if length([for b in local.l : b if length([for c in local.l : c if length([for d in local.l : d]) > 0]) > 0]) > 0]\n}\n",
		"distinct":        digits + "  y = setproduct(local.l, local.l, [1, 2])\n  x = distinct(local.y)\n}\n",
		"product":         digits + "  x = setproduct(local.l, local.l, local.l, local.l, local.l)\n}\n",
		"join":            digits + "  s = join(join(\"\", local.l), local.l)\n  x = join(local.s, setproduct(local.l, local.l)[*][0])\n}\n",
		"replace":         digits + "  s = join(join(\"\", local.l), local.l)\n  x = replace(local.s, \"x\", replace(local.s, \"1\", local.s))\n}\n",
		"format":          digits + "  s = join(join(\"\", local.l), local.l)\n  x = format(replace(local.s, \"x\", \"%[1]s\"), local.s)\n}\n",
		"number in text":  "locals {\n  x = format(\"%d\", \"1e99999999\")\n}\n",
		"number to text":  "locals {\n  x = \"${1e99999999}\"\n}\n",
		"text to number":  "locals {\n  x = \"${\"1e99999999\" + 1}\"\n}\n",
		"number, joined":  "locals {\n  x = join(\",\", [\"1e99999999\" * 1])\n}\n",
		"number, chosen":  "locals {\n  x = element([\"a\"], \"1e99999999\")\n  y = substr(\"abc\", \"1e99999999\", 1)\n  z = tostring(tonumber(\"1e99999999\"))\n}\n",
		"number, default": "variable \"x\" {\n  type = string\n  default = 1e99999999\n}\nvariable \"y\" {\n  type = list(number)\n  default = [\"1e99999999\"]\n}\n",
		"number, key":     "locals {\n  x = { (1e99999999) = 1 }\n  y = { for k in [\"1e99999999\"] : (k * 1) => 1 }\n}\n",
		"long number":     digits + "  s = join(\"1234567890\", [for a in local.l : \"9876543210\"])\n  x = [for a in local.l : [for b in local.l : local.s + 1]]\n}\n",
		"patterns":        digits + "  x = [for a in local.l : [for b in local.l : regex(\"(((a{30}){30}){30})?\", a)]]\n}\n",
		"try":             digits + "  x = [for a in local.l : try([for b in local.l : [for c in local.l : c]], 1)]\n}\n",
		"splat":           digits + "  m = [for a in local.l : { k = local.l }]\n  x = local.m[*].k[*][*]\n  y = [for a in local.l : [for b in local.l : local.m[*].k]]\n}\n",
		"conditional":     digits + "  x = [for a in local.l : [for b in local.l : true ? local.l : local.l]]\n}\n",
		"many uses":       digits + "  x = [" + strings.Repeat("local.l, ", 2000) + "]\n  y = [" + strings.Repeat("local.x, ", 20) + "]\n  z = [" + strings.Repeat("local.y, ", 2000) + "]\n}\n",
		"groups":          digits + "  x = { for p in setproduct(local.l, local.l) : p[0] => p[1]... }\n  y = [for a in local.l : local.x]\n}\n",
		"expansion":       digits + "  x = concat([for a in local.l : local.l]...)\n  y = [for a in local.l : concat([for b in local.l : local.l]...)]\n}\n",
		"for_each":        digits + "}\nworkload \"a\" {\n  for_each = { for p in setproduct(local.l, local.l) : \"${p[0]}-${p[1]}\" => local.l }\n  environments = each.value\n}\n",
		"many instances":  digits + "}\n" + strings.Repeat("\nallow \"aNNN\" {\n  for_each = { for i, x in concat(local.l, local.l, local.l) : \"x${i}\" => local.l }\n  from = [for x in each.value : \"workload.w${x}\"]\n  to   = [for x in each.value : \"secret.w${x}\"]\n}\n", 1),
		"many of many":    digits + "}\nworkload \"w\" {\n  for_each = { for i, x in concat([for a in local.l : local.l]...) : \"k${i}\" => 1 if i < 9000 }\n  environments = []\n}\nallow \"a\" {\n  for_each = toset(local.l)\n  from = [workload.w]\n  to = [workload.w]\n}\n",
		"equality":        digits + "  y = setproduct(local.l, local.l, [1, 2])\n  x = [for a in local.l : local.y == local.y]\n}\n",
		"sets":            digits + "  y = setproduct(local.l, local.l, [1, 2])\n  x = [for a in local.l : setunion(local.y, local.y)]\n}\n",
		"large sets":      digits + "  y = [for p in setproduct(local.l, [1, 2, 3, 4, 5]) : \"${p[0]}-${p[1]}\"]\n  x = [for a in local.l : length(toset(local.y))]\n}\n",
		"mixed types":     digits + "  y = concat([for a in local.l : a], [for i, a in local.l : i], local.l, local.l, local.l)\n  x = [for a in local.l : toset(local.y)]\n}\n",
		"condition types": digits + "  x = [for a in local.l : [for b in local.l : [for c in local.l : a == b ? { (c) = 1 } : { (b) = 1 }]]]\n}\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begin := time.Now()
			tree, _, unread := syntax.LoadFiles(map[string]string{"a.gate.hcl": "gatehouse {\n  policy = \"t\"\n}\n" + text})
			_, diags := evaluateWithin(&budget{most: maxSteps / 20, all: maxAllSteps / 20}, tree, Inputs{})
			if took := time.Since(begin); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
			for _, d := range diags {
				if d.Summary == lowerFirst(panicked) {
					t.Error(d)
				}
			}
			if len(unread) > 0 || len(diags) == 0 {
				t.Error("it isn't refused", unread)
			}
		})
	}
}

// A long circle is shown by its ends.
func TestLongCycle(t *testing.T) {
	const many = 5000
	var text strings.Builder
	for i := range many {
		fmt.Fprintf(&text, "  a%d = local.a%d\n", i, (i+1)%many)
	}
	tree, _, _ := syntax.LoadFiles(map[string]string{"a.gate.hcl": "locals {\n" + text.String() + "}\n"})
	_, diags := Evaluate(tree, Inputs{})
	if len(diags) != 1 || diags[0].Code != diag.Cycle || len(diags[0].Related) != longestShown || len(diags[0].Detail) > 1000 {
		t.Errorf("%d mistakes: %v", len(diags), diags)
	}
}
