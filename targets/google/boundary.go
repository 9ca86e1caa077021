package google

import (
	"encoding/json"
	"fmt"
	"strings"

	"gatehouse/targets"
)

// boundary binds a principal access boundary to a set of principals: what these may reach at all. Which of Google's services honour one hangs on the
// version of its enforcement, so that nothing is certain for those whom it may concern:
// https://cloud.google.com/iam/docs/principal-access-boundary-policies.
type boundary struct {
	at  targets.Key
	set string // such as projects/NUMBER, folders/NUMBER, organizations/NUMBER, or a pool
}

// boundary takes in a policy binding in the JSON form of google.iam.v3.PolicyBinding. Those of other kinds of policy say nothing of access.
func (w *world) boundary(o targets.Object) error {
	var b struct {
		PolicyKind string
		Target     struct{ PrincipalSet string }
	}
	if err := json.Unmarshal(o.Body, &b); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if b.PolicyKind == "" || b.PolicyKind == "PRINCIPAL_ACCESS_BOUNDARY" {
		_, set, _ := strings.Cut(strings.TrimPrefix(b.Target.PrincipalSet, "//"), "/")
		w.boundaries = append(w.boundaries, boundary{o.Key, set})
	}
	return nil
}

// bounded returns the boundary that may concern a principal. It concerns a service account where its project lies in the set; where that can't be told,
// and for everybody else, it may.
func (w *world) bounded(name string) (string, bool) {
	for _, b := range w.boundaries {
		email, account := strings.CutPrefix(name, accountPrefix)
		project, home := homeOf(email)
		if account && home && w.rooted(project) && !w.covers(b.set, w.lineage(project)) {
			continue
		}
		return b.at.String(), true
	}
	return "", false
}
