package access

import (
	"encoding/json"
	"time"
)

// spanJSON is a Span for machines, as a policy writes it: an end that is left out is unbounded. Seconds would be no good: the unbounded ends
// are beyond what most readers of JSON can hold.
type spanJSON struct {
	NotBefore *time.Time `json:"not_before,omitempty"`
	Expires   *time.Time `json:"expires,omitempty"`
}

// MarshalJSON writes {"not_before": TIME, "expires": TIME}; an unbounded end is left out.
func (s Span) MarshalJSON() ([]byte, error) {
	var out spanJSON
	if t, begins := s.Begins(); begins {
		out.NotBefore = &t
	}
	if t, ends := s.Ends(); ends {
		out.Expires = &t
	}
	return json.Marshal(out)
}

// UnmarshalJSON is the inverse of MarshalJSON.
func (s *Span) UnmarshalJSON(text []byte) error {
	var in spanJSON
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	*s = Always
	if in.NotBefore != nil {
		s.Start = in.NotBefore.Unix()
	}
	if in.Expires != nil {
		s.End = in.Expires.Unix()
	}
	return nil
}
