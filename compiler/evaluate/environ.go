package evaluate

import (
	"fmt"
	"slices"
	"strings"

	"gatehouse/lang/diag"
)

// InputsFromEnvironment picks the values of variables out of an environment, as os.Environ gives it.
func InputsFromEnvironment(environ []string) map[string]string {
	out := map[string]string{}
	for _, entry := range slices.Sorted(slices.Values(environ)) {
		if rest, ok := strings.CutPrefix(entry, EnvironmentPrefix); ok {
			name, value, _ := strings.Cut(rest, "=")
			out[name] = value
		}
	}
	return out
}

// environmentName is how a variable is called in the environment: shells take no "-" in a name, so that "_" stands for it where no other variable is
// called so, or would be.
func (ev *evaluator) environmentName(name string) string {
	spelt := strings.ReplaceAll(name, "-", "_")
	for other := range ev.variables {
		if other != name && strings.ReplaceAll(other, "-", "_") == spelt {
			return name
		}
	}
	return spelt
}

// warnOfCase tells of values in the environment that give nothing but for the case of their names: variables of a policy are in lower case, and
// those of an environment seldom.
func (ev *evaluator) warnOfCase(environment map[string]string) {
	byName := make(map[string]string, 2*len(ev.variables))
	for _, name := range sortedKeys(ev.variables) {
		byName[ev.environmentName(name)] = name
		byName[name] = name
	}
	for _, given := range sortedKeys(environment) {
		name := byName[strings.ToLower(given)]
		if _, exact := byName[given]; exact || name == "" {
			continue
		}
		ev.diags = append(ev.diags, diag.Diagnostic{Code: diag.UnknownVariable, Severity: diag.Warning,
			Summary: fmt.Sprintf("%s%s gives var.%s no value", EnvironmentPrefix, given, name),
			Detail:  fmt.Sprintf("The case of a name counts: write %s%s.", EnvironmentPrefix, ev.environmentName(name))})
	}
}
