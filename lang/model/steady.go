package model

import "time"

// Steady returns the span around a moment in which nothing that the policy declares begins or ends, so that the policy means the same at
// every moment of it: since is inside, until is not, and a zero time is no bound. Moments that a test names are no such bounds: they don't
// depend on when it is asked.
func (p *Policy) Steady(at time.Time) (since, until time.Time) {
	bound := func(t time.Time) {
		switch {
		case t.IsZero():
		case t.After(at):
			if until.IsZero() || t.Before(until) {
				until = t
			}
		case t.After(since):
			since = t
		}
	}
	for _, a := range p.Allows {
		bound(a.Interval.NotBefore)
		bound(a.Interval.Expires)
	}
	for _, e := range p.Exceptions {
		bound(e.Expires)
	}
	return since, until
}
