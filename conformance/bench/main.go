// Command bench measures Gatehouse beside the least that anybody could do, on the machine that it runs on and in one run: loading, resolving
// and checking a policy beside bare parallel parsing of the same files, in both syntaxes, a plan without changes beside the bare request for the list of entries, and one of
// many secrets beside the bare client that reads their policies.
//
//	go run ./conformance/bench
//	go run ./conformance/bench -sizes 1000 -entries 0
//	go run ./conformance/bench -sizes "" -consul
//	go run ./conformance/bench -sizes "" -entries 0
//
// What is measured runs in a process of its own, the parser too, so that time and peak memory mean the same on both sides; GOGC is alike on
// both. It judges nothing: how good is good enough is for whoever reads the table.
//
// What bounds JSON is not its text. At 100,000 allows loading it peaks where native text of the same meaning does and takes 0.9 of that one's
// processor time, a third of what hcl/json needs to parse alone; four fifths go into blocks, by code that both syntaxes have, and one fifth
// into parsing. From there on the two are the same, and check costs the same. It looks dearer only because the bare parser beside it is the
// cheaper one: hcl/json takes 0.55 of hclsyntax's time, so that a check at 0.65 of bare native parsing stands at 1.25 of bare JSON. What makes
// either cheaper makes both.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// options are the flags.
type options struct {
	sizes, gogc string
	runs        int
	entries     int
	secrets     int
	consul      bool
	binary      string
	keep        string
	step        string
}

func main() {
	var o options
	flag.StringVar(&o.sizes, "sizes", "1000,10000,100000", "how many allows the policies have")
	flag.StringVar(&o.gogc, "gogc", "100,400", "the values of GOGC on both sides; 100 is Go's default. By itself gatehouse collects nothing up to 1 GiB")
	flag.IntVar(&o.runs, "runs", 3, "measure so often and take the best time")
	flag.IntVar(&o.entries, "entries", 10_000, "how many entries the plan without changes has; 0: no plan")
	flag.IntVar(&o.secrets, "secrets", 1000, "how many secrets the plan without changes has on Google's side; 0: no such plan")
	flag.BoolVar(&o.consul, "consul", false, "plan against a real Consul as well")
	flag.StringVar(&o.binary, "gatehouse", "", "measure this program instead of building one")
	flag.StringVar(&o.keep, "keep", "", "write the policies below this folder and leave them there")
	flag.StringVar(&o.step, "step", "", "parse, load or resolve the policy in the folder that follows, and no more: what the bench runs in a process of its own")
	flag.Parse()
	run := bench
	if o.step != "" {
		run = func(o options) error { return runStep(o.step, flag.Arg(0)) }
	}
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(o options) (err error) {
	dir := o.keep
	if dir == "" {
		if dir, err = os.MkdirTemp("", "gatehouse-bench-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	if o.binary == "" {
		o.binary = filepath.Join(dir, "gatehouse")
		if out, err := exec.Command("go", "build", "-o", o.binary, "gatehouse/cmd/gatehouse").CombinedOutput(); err != nil {
			return fmt.Errorf("build: %w\n%s", err, out)
		}
	}
	if o.binary, err = filepath.Abs(o.binary); err != nil {
		return err
	}
	sizes, err := numbers(o.sizes)
	if err != nil {
		return err
	}
	gogc, err := numbers(o.gogc)
	if err != nil {
		return err
	}
	for _, part := range []func() error{
		func() error { return checks(o, dir, sizes, gogc) },
		func() error { return plans(o, dir) },
		func() error { return secretPlans(o, dir) },
	} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

func numbers(list string) ([]int, error) {
	var out []int
	for _, word := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q is no number above 0", word)
		}
		out = append(out, n)
	}
	return out, nil
}
