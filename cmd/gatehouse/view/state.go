package view

import (
	"fmt"
	"io"
	"time"

	"gatehouse/targets/state"
)

// StateDoc is the answer of state.
type StateDoc struct {
	Format string          `json:"format"`
	States []state.Listing `json:"states"` // by environment
}

// StateDocument is state's answer for machines.
func StateDocument(listings []state.Listing) StateDoc {
	return StateDoc{"gatehouse.dev/state/v1", listings}
}

// State writes what is claimed, and whether the claims can be relied on.
func State(w io.Writer, listings []state.Listing, l Look) {
	if len(listings) == 0 {
		fmt.Fprintln(w, "no environment keeps claims")
	}
	for _, s := range listings {
		fmt.Fprintf(w, "%s  %s in %s\n", l.paint(bold, s.Owner.Environment), count(s.Claims, "claim"), s.Place)
		if s.Standing == state.Lost || s.Standing == state.Old {
			fmt.Fprintf(w, "  %s %s\n", l.paint(red, string(s.Standing)+":"), s.Reason)
		}
		for _, c := range s.Containers {
			fmt.Fprintf(w, "  %s\n", c.Key)
			for _, item := range c.Items {
				fmt.Fprintf(w, "    %s  %s\n", item.Item, l.paint(dim, claimNote(item)))
			}
		}
	}
}

func claimNote(item state.ListingItem) string {
	note := "since " + item.Since.UTC().Format(time.RFC3339) + " by " + item.By
	if item.Doubtful {
		note += ", doubtful"
	}
	return note
}
