package conformance

import (
	"cmp"
	"regexp"
	"testing"
	"time"

	"gatehouse/compiler"
	"gatehouse/compiler/evaluate"
	"gatehouse/lang/diag"
)

// The comments of an example that say how it is read.
var (
	readBy = regexp.MustCompile(`(?m)^# read by Gatehouse (\S+)$`)
	given  = regexp.MustCompile(`(?m)^# gatehouse check --var (?:'(\w+)=([^']*)'|(\w+)=(\S+))$`)
)

// examinePage compiles an example as its comments say, and judges it where they say nothing.
func examinePage(t *testing.T, text string) diag.List {
	t.Helper()
	var options compiler.Options
	if m := readBy.FindStringSubmatch(text); m != nil {
		options.Version = m[1]
	}
	for _, m := range given.FindAllStringSubmatch(text, -1) {
		options.Inputs.Flags = append(options.Inputs.Flags, evaluate.Flag{Name: cmp.Or(m[1], m[3]), Value: cmp.Or(m[2], m[4])})
	}
	if options.Version == "" && options.Inputs.Flags == nil {
		return examine(t, pageFiles(t, text))
	}
	return compileWith(t, pageFiles(t, text), time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), options).Diagnostics
}
