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

// howToGive says how a variable is given a value.
func (ev *evaluator) howToGive(name string) string {
	if spelt := ev.environmentName(name); !strings.Contains(spelt, "-") {
		return fmt.Sprintf("Give one with --var %s=VALUE, in a file for --var-file or as %s%s", name, EnvironmentPrefix, spelt)
	}
	return fmt.Sprintf("Give one with --var %s=VALUE or in a file for --var-file", name)
}

// refuseAmbiguous reports a value in the environment that several variables could take, as long as one of them has no other: passing it over would
// leave that one at its default.
func (ev *evaluator) refuseAmbiguous(environment map[string]string, values map[string]given) {
	bySpelling := map[string][]*variable{}
	for _, name := range sortedKeys(ev.variables) {
		spelt := strings.ReplaceAll(name, "-", "_")
		if _, isGiven := environment[spelt]; isGiven && ev.variables[spelt] == nil {
			bySpelling[spelt] = append(bySpelling[spelt], ev.variables[name])
		}
	}
	for _, spelt := range sortedKeys(bySpelling) {
		all := bySpelling[spelt]
		left := slices.DeleteFunc(slices.Clone(all), func(v *variable) bool {
			_, isGiven := values[v.name]
			return isGiven
		})
		if len(all) > 1 && len(left) > 0 {
			ev.reportAmbiguous(EnvironmentPrefix+spelt, all, left)
		}
	}
}

// reportAmbiguous tells which variables a value in the environment could be for, and which of them are left without one.
func (ev *evaluator) reportAmbiguous(source string, all, left []*variable) {
	var names, flags []string
	for _, v := range all {
		names = append(names, "var."+v.name)
	}
	for _, v := range left {
		flags = append(flags, "--var "+v.name+"=VALUE")
		v.disputed = true
	}
	var others []diag.Related
	for _, v := range all {
		if v != left[0] {
			others = append(others, diag.Related{Message: "var." + v.name + " is here", Range: v.block.NameRange()})
		}
	}
	ev.report(diag.InvalidInput, left[0].block.NameRange(), fmt.Sprintf("%s can be for %s, and is given to none of them", source, diag.Listed(names, "or")),
		fmt.Sprintf(`Shells take no "-" in a name, and with "_" in its place these have the same. Write %s, or the same into a file for --var-file.`,
			diag.Listed(flags, "and")), others...)
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
