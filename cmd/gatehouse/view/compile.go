package view

import (
	"fmt"
	"io"
	"slices"

	"gatehouse/compiler/access"
	"gatehouse/targets"
)

// Compile writes the objects that a policy compiles to, with the lines behind each item, and what the targets can't express.
func Compile(w io.Writer, proofs []targets.Proof, omitted []access.Omission, l Look) {
	for i, p := range proofs {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s  %s\n", l.paint(bold, p.Environment+" · "+string(p.Target)), count(len(p.Desired.Containers), "object"))
		for _, c := range p.Desired.Containers {
			compiled(w, c, l)
		}
		losses(w, p.Losses(), l)
		for _, o := range omittedAt(omitted, p) {
			fmt.Fprintf(w, "  %s %s%s\n", l.paint(yellow, "not applied:"), o.Resource, lackText[o.Lack])
		}
	}
}

func compiled(w io.Writer, c targets.Container, l Look) {
	fmt.Fprintf(w, "  %s\n", l.paint(bold, c.Key.String()))
	width := columnWidth(c.Items, func(i targets.Item) string { return i.Key })
	for _, item := range c.Items {
		lines := ""
		if len(item.Why) > 0 {
			lines = "  " + l.paint(dim, Lines(targets.Lines(item.Why), l))
		}
		fmt.Fprintf(w, "    %s  %s%s\n", pad(item.Key, width), item.Value, lines)
	}
}

// lackText says what of a resource is not applied.
var lackText = map[access.Lack]string{
	access.LackKind: "", access.LackLogins: "", access.LackRequests: ", where access is narrowed to requests",
}

// lossText says what each kind of loss means for the reader.
var lossText = map[access.LossKind]string{
	access.LossSharedIdentity:   "shared identity: workloads that are one principal there have each other's access",
	access.LossCoarseAction:     "coarse action: read and write are one thing there",
	access.LossUnenforcedExpiry: "unenforced expiry: the target has no clock, so access ends when apply next runs",
}

// lossEnds names what a loss is about: a principal, and the surface that it reaches if it is about one.
func lossEnds(l access.Loss) string {
	if l.Surface.Name == "" {
		return l.Principal.Name
	}
	return l.Principal.Name + " → " + l.Surface.Name
}

func losses(w io.Writer, list []access.Loss, l Look) {
	for _, kind := range []access.LossKind{access.LossSharedIdentity, access.LossCoarseAction, access.LossUnenforcedExpiry} {
		of := slices.DeleteFunc(slices.Clone(list), func(loss access.Loss) bool { return loss.Kind != kind })
		if len(of) == 0 {
			continue
		}
		fmt.Fprintf(w, "  %s %s (%d)\n", l.paint(yellow, "not expressed:"), lossText[kind], len(of))
		for i, loss := range of {
			if i == 5 && len(of) > 6 {
				fmt.Fprintf(w, "    and %d more: --format json lists all\n", len(of)-i)
				break
			}
			fmt.Fprintf(w, "    %s: %s\n", lossEnds(loss), loss.Detail)
		}
	}
}
