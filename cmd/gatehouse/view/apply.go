package view

import (
	"fmt"
	"io"

	"gatehouse/targets"
)

// Apply writes what an apply has done: nothing about what went as shown but its count, everything about the rest.
func Apply(w io.Writer, o targets.Outcome, l Look) {
	for _, r := range o.Results {
		if r.Status != targets.Done {
			fmt.Fprintf(w, "%s %s · %s  %s", l.paint(statusColour(r), string(r.Status)), r.Environment, r.Target, r.Key)
			if r.Reason != "" {
				fmt.Fprintf(w, ": %s", r.Reason)
			}
			fmt.Fprintln(w)
		}
	}
	for _, b := range o.Blocked {
		fmt.Fprintf(w, "%s %s · %s  %s: %s\n", l.paint(yellow, "blocked"), b.Environment, b.Target, b.Key, b.Detail)
	}
	if len(o.Results) == 0 && o.Complete() {
		return // the plan has said "no changes" already
	}
	undone := 0
	for _, r := range o.Results {
		if !r.Settled() {
			undone++
		}
	}
	fmt.Fprintf(w, "applied %d of %s", len(o.Results)-undone, count(len(o.Results), "change"))
	if n := len(o.Blocked); n > 0 {
		fmt.Fprintf(w, "; %d blocked", n)
	}
	fmt.Fprintln(w)
}

func statusColour(r targets.Result) string {
	if r.Settled() {
		return dim
	}
	return red
}

// progressEvery keeps a long apply from scrolling: one line that is written over.
const progressEvery = 10

// Progress returns what an apply tells while it runs: on a terminal alone, on stderr.
func Progress(w io.Writer, terminal bool) func(targets.Progress) {
	if !terminal {
		return nil
	}
	return func(p targets.Progress) {
		switch {
		case p.Done == p.Total:
			fmt.Fprint(w, "\r\x1b[K")
		case p.Done%progressEvery == 1:
			fmt.Fprintf(w, "\r\x1b[K%d of %d: %s", p.Done, p.Total, p.Result.Key)
		}
	}
}

// Reading returns what is told while many policies are read, within a quota: on a terminal alone, on stderr, and gone when all are read.
func Reading(w io.Writer, terminal bool, environment string) func(done, total int) {
	if !terminal {
		return nil
	}
	return func(done, total int) {
		switch {
		case done == total && total > progressEvery:
			fmt.Fprint(w, "\r\x1b[K")
		case done%progressEvery == 0 && done < total:
			fmt.Fprintf(w, "\r\x1b[K%s: read %d of %d secrets", environment, done, total)
		}
	}
}
