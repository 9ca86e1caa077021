package state

import (
	"time"

	"gatehouse/targets"
)

// Listing is a state as it is shown: by container and item, sorted.
type Listing struct {
	Owner      targets.Owner      `json:"owner"`
	Place      string             `json:"place"` // where it is kept
	Standing   Standing           `json:"standing"`
	Reason     string             `json:"reason,omitempty"`
	Lineage    string             `json:"lineage,omitempty"`
	Serial     uint64             `json:"serial,omitempty"`
	Saved      time.Time          `json:"saved,omitzero"`
	By         string             `json:"by,omitempty"`
	Claims     int                `json:"claims"`
	Doubtful   int                `json:"doubtful"`
	Containers []ListingContainer `json:"containers"`
}

// ListingContainer is a container's claims.
type ListingContainer struct {
	Key   targets.Key   `json:"object"`
	Items []ListingItem `json:"items"`
}

// ListingItem is one claim.
type ListingItem struct {
	Item     string    `json:"item"`
	Since    time.Time `json:"since"`
	By       string    `json:"by"`
	Doubtful bool      `json:"doubtful,omitempty"`
}

// List returns the listing of a state that is kept in a place.
func List(s State, place string) Listing {
	l := Listing{Owner: s.Owner, Place: place, Standing: s.Standing, Reason: s.Reason, Lineage: s.Mark.Lineage, Serial: s.Mark.Serial,
		Saved: s.Saved, By: s.By, Claims: s.Claims.Len(), Doubtful: s.Doubtful(), Containers: []ListingContainer{}}
	for _, k := range s.Claims.Containers() {
		c := ListingContainer{Key: k}
		for _, item := range s.Claims.Items(k) {
			claim := s.Claims[k][item]
			c.Items = append(c.Items, ListingItem{item, claim.Since, claim.By, claim.Doubtful})
		}
		l.Containers = append(l.Containers, c)
	}
	return l
}
