package targets

import "fmt"

// The brake stops a plan that removes more than a fifth of what it owns, and more than five items.
const (
	brakeShare = 5 // one in five
	brakeFew   = 5
)

// Removals counts the items that a plan removes: every item with the operation delete, in whatever container. An item that only changes
// its value, from allow to deny for instance, isn't counted.
func Removals(p Plan) int {
	n := 0
	for _, s := range p.Sites {
		n += removals(s)
	}
	return n
}

func removals(s SitePlan) int {
	n := 0
	for _, c := range s.Changes {
		for _, i := range c.Items {
			if i.Op == Delete {
				n++
			}
		}
	}
	return n
}

// Braked reports whether a plan must not be applied unless its removals are expected. It is when some site, or the plan as a whole, removes
// more than five items and more than a fifth of the live items that carry our mark (Owned): a site that would be emptied is not
// hidden by a large one beside it. ApplyOptions.ExpectRemovals releases the brake if it equals Removals, the count of the whole plan.
func Braked(p Plan) bool {
	owned, removed := 0, 0
	for _, s := range p.Sites {
		n := removals(s)
		if braked(n, s.Owned) {
			return true
		}
		owned, removed = owned+s.Owned, removed+n
	}
	return braked(removed, owned)
}

func braked(removed, owned int) bool { return removed > brakeFew && removed*brakeShare > owned }

func brake(p Plan, expect int) error {
	n := Removals(p)
	if !Braked(p) || n == expect {
		return nil
	}
	detail := fmt.Sprintf("it removes %d items, more than a fifth of what it owns: if that is meant, say --expect-removals %d", n, n)
	if expect > 0 {
		detail = fmt.Sprintf("it removes %d items, and --expect-removals says %d: look at the plan, then say --expect-removals %d", n, expect, n)
	}
	return &RefusedError{RefusedBrake, detail}
}
