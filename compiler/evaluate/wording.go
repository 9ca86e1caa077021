package evaluate

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// What the libraries say of an expression is said here in the words of the reference, with what to do: they speak to people who know their types and
// parameters by name.

// inOurWords says what HCL found.
func inOurWords(d *hcl.Diagnostic) (summary, detail string) {
	if call, ok := hcl.DiagnosticExtra[hclsyntax.FunctionCallDiagExtra](d); ok {
		return ofCall(call, d)
	}
	if w, ok := wordings[d.Summary]; ok {
		return w.summary, strings.ReplaceAll(w.detail, "{}", reason(d.Detail))
	}
	return lowerFirst(d.Summary), sentence(reason(d.Detail)) + " Write it in another way."
}

type wording struct{ summary, detail string } // {} is what HCL says, in plain words

// wordings are by HCL's summary (hclsyntax/expression.go, expression_ops.go, expression_template.go, v2.25). What can't come up here has none.
var wordings = map[string]wording{
	"Inconsistent conditional result types": {"the two results of the conditional are of different types", "{} Both have to be of one type: two texts, two lists, two maps with the same keys."},
	"Null condition":                        {"the condition is null", "A condition is true or false. Ask for null first: x != null ? … : …."},
	"Incorrect condition type":              {"the condition is not true or false", "Write a comparison, such as var.tier == \"production\"."},
	"Null value as key":                     {"a key is null", "Write a text."},
	"Incorrect key type":                    {"a key is not a text", "Write a text, or make one: tostring(x)."},
	"Ambiguous attribute key":               {"a key with dots in it", "Where a value is meant for the key, write it in parentheses: (var.x) = …. Where the text itself is meant, write it in quotes."},
	"Iteration over null value":             {"what for goes through is null", "Write a list, set or map; for none, [] or {}."},
	"Iteration over non-iterable value":     {"what for goes through is no list, set or map", "For one value alone, write it in brackets: [for x in [value] : …]."},
	"Condition is null":                     {"the condition behind if is null", "A condition is true or false. Ask for null first: if x != null && …."},
	"Invalid 'for' condition":               {"the condition behind if is not true or false", "Write a comparison, such as: if team != \"churn\"."},
	"Invalid object key":                    {"a key is not a text", "Write a text before the arrow, such as { for k, v in map : k => v }."},
	"Duplicate object key":                  {"a for expression gives a key twice", "{} Make the keys differ, or collect what has one key: { for x in list : x.team => x... }."},
	"Splat of null value":                   {"what stands before [*] is null", "Write a list; for none, []."},
	"Invalid nested splat expressions":      {"one [*] inside of another gives lists of different types", "Write a for expression."},
	"Invalid template interpolation value":  {"what stands in ${…} is no text", "{} Write one text of a list by join(\", \", list), or take a part: ${x.name}."},
	"Invalid operand":                       {"the operator can't take this", "{}"},
	"Operation failed":                      {"the operator can't compute this", "{}"},
	"Unknown variable":                      {"there is nothing of this name here", "{}"},
	panicked:                                {"the expression can't be evaluated", "{}"},
}

// ofCall says what a function found wrong, and how it is called.
func ofCall(call hclsyntax.FunctionCallDiagExtra, d *hcl.Diagnostic) (summary, detail string) {
	name := call.CalledFunctionName()
	usage := usageOf(name)
	switch d.Summary {
	case "Not enough function arguments":
		return name + " is given too little", usage
	case "Too many function arguments":
		return name + " is given too much", usage
	case "Invalid expanding argument value":
		return "what stands before ... is no list", "Three dots give a function each element of a list: " + name + "(list...)."
	}
	why := d.Detail
	if err := call.FunctionCallError(); err != nil {
		why = err.Error()
	} else if _, behind, ok := strings.Cut(why, "parameter: "); ok {
		why = behind
	}
	if what, ok := strings.CutPrefix(why, "no expression succeeded:"); ok {
		return name + " finds no expression that can be evaluated", "The last one says: " + lastTried(what) + " Write a value at the end, which always can."
	}
	for _, known := range reasons {
		if strings.Contains(why, known.part) {
			return name + " can't take this", strings.TrimSpace(known.plain + " " + usageOf(name))
		}
	}
	return name + " can't take this", sentence(reason(why)) + " " + usage
}

// usageOf is a sentence with a function's arguments.
func usageOf(name string) string {
	i := slices.IndexFunc(functions, func(f Function) bool { return f.Name == name })
	if i < 0 {
		return ""
	}
	return fmt.Sprintf("Write %s: %s", functions[i].Usage, lowerFirst(functions[i].Doc))
}

// reasons are what functions say that deserves an advice of its own.
var reasons = []struct{ part, plain string }{
	{"arguments must be maps or objects", "It joins maps. Lists are joined by concat(a, b)."},
	{"all arguments must be lists or tuples", "It joins lists. Maps are joined by merge(a, b); one value alone stands in brackets."},
	{"pattern did not match any part", "The pattern matches nothing in the text. Ask first whether it does: can(regex(pattern, text))."},
	{"argument must not be null", "It is given null. Ask for null first: x == null ? … : …, or write a value."},
	{"cannot use element function with an empty list", "The list is empty. Ask for its length first: length(list) > 0 ? … : …."},
	{"null value cannot be formatted", "It is given null. Ask for null first: x == null ? … : …, or write a value."},
	{"null string cannot be sorted", "The list holds null. Leave it out: [for e in list : e if e != null]."},
	{"null values", "The list holds null. Leave it out: [for e in list : e if e != null]."},
	{"must have map or object type", "It takes a map."},
	{"requires a map as the first argument", "It takes a map."},
	{"can only reverse", "It takes a list."},
	{"cannot read elements from", "It takes a list."},
	{"argument must be list, tuple, or set", "It takes a list or set."},
	{"can only flatten", "It takes a list."},
	{"must be a decimal representation", "The text is no number."},
	{"not enough arguments for", "The format has more places than there are values behind it."},
	{"too many arguments;", "There are more values than the format has places."},
	{"must have the same type as the map elements", "The default has to be of the type of what the map holds."},
}

// lastTried is what the last of several expressions came to.
func lastTried(tried string) string {
	last := tried[strings.LastIndex("\n"+tried, "\n- ")+1:]
	last, _, _ = strings.Cut(strings.TrimPrefix(last, "\n"), "\n\n")
	summary, detail, _ := strings.Cut(strings.TrimPrefix(last, "- "), "\n")
	if at := strings.LastIndex(summary, " (at "); at >= 0 {
		summary = summary[:at]
	}
	if w, ok := wordings[summary]; ok {
		return sentence(w.summary)
	}
	return sentence(reason(summary)) + " " + sentence(reason(strings.TrimSpace(detail)))
}

// reason says what cty found in plain words. What stands in quotes is the policy's, and stays.
func reason(s string) string {
	parts := strings.Split(s, `"`)
	for i := 0; i < len(parts); i += 2 {
		for _, p := range plain {
			parts[i] = p.from.ReplaceAllString(parts[i], p.to)
		}
	}
	return strings.Join(parts, `"`)
}

var plain = []struct {
	from *regexp.Regexp
	to   string
}{
	{regexp.MustCompile(`The true and false result expressions must have consistent types\. ?`), ""},
	{regexp.MustCompile(`The expression result is null\. Cannot include a null value in a string template\.`), "It is null."},
	{regexp.MustCompile(`Cannot include the given value in a string template: `), "It can't stand in a text: "},
	{regexp.MustCompile(`Unsuitable value for (left|right|unary) operand: `), "The $1 operand doesn't suit: "},
	{regexp.MustCompile(`unary operand`), "operand"},
	{regexp.MustCompile(`Error during operation: `), ""},
	{regexp.MustCompile(`argument must not be null`), "One of its values is null, as an optional key is that was left out. Ask for null first: x != null ? … : …"},
	{regexp.MustCompile(` in this 'for' expression\. If duplicates.*`), "."},
	{regexp.MustCompile(`'(true|false)' value`), "$1 result"},
	{regexp.MustCompile(`\b((?:list|set|map|string|number|bool|tuple|object|reference)[\w ]*) required, but have ([\w ]+)`), "a $1 is wanted, and this is a $2"},
	{regexp.MustCompile(`result is (\w+), but the (\w+) result is `), "result is a $1, but the $2 result is a "},
	{regexp.MustCompile(`\b(is|are) required`), "$1 wanted"},
	{regexp.MustCompile(`^((?:list|set|map|string|number|bool|tuple|object)\b[\w ]*) required`), "a $1 is wanted"},
	{regexp.MustCompile(`(\w+) required`), "$1 is wanted"},
	{regexp.MustCompile(`\b(list|set|map) of string\b`), "$1 of texts"},
	{regexp.MustCompile(`\b(list|set|map) of bool\b`), "$1 of truth values"},
	{regexp.MustCompile(`\b(list|set|map) of (number|reference|list|map|set|tuple|object)\b`), "$1 of ${2}s"},
	{regexp.MustCompile(`\b(list|set|map) of (any single type|dynamic)\b`), "$1"},
	{regexp.MustCompile(`\bbool\b`), "truth value"},
	{regexp.MustCompile(`\bstring(s?)\b`), "text$1"},
	{regexp.MustCompile(`\btuple(s?)\b`), "list$1"},
	{regexp.MustCompile(`\bobject attribute\b`), "key"},
	{regexp.MustCompile(`\bobject(s?)\b`), "map$1"},
	{regexp.MustCompile(`\battribute(s?)\b`), "key$1"},
	{regexp.MustCompile(`\bdynamic\b`), "value"},
}
