package google

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"cloud.google.com/go/iam/admin/apiv1/adminpb"
	"cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"

	"gatehouse/targets/sandbox"
)

// Seed is what a project holds from the beginning: in the product's sandbox, what the policy declares to exist.
type Seed struct {
	Project         string
	Number          string   // "": made of the project's ID
	Secrets         []string // their IDs
	ServiceAccounts []string // their emails; those of other projects are passed over
}

// Seed makes what it names, once: what somebody deleted since stays deleted, and nothing that is there changes.
func (g *Google) Seed(seeds ...Seed) error {
	return g.setUp("seed", func(tx *setUp) error {
		for _, s := range seeds {
			if err := tx.seed(s); err != nil {
				return err
			}
		}
		return nil
	})
}

// EnsureProject makes a project where there is none. Without a number it has one that is made of its ID.
func (g *Google) EnsureProject(id, number string) error {
	return g.setUp("project "+id, func(tx *setUp) error { return tx.project(id, number) })
}

// EnsureSecret makes a secret where there is none, in a project that exists. Its settings may be nil: then it is replicated
// automatically, and has no rotation.
func (g *Google) EnsureSecret(project, id string, settings *secretmanagerpb.Secret) error {
	return g.setUp("secret "+id, func(tx *setUp) error { return tx.secret(project, id, settings) })
}

// EnsureServiceAccount makes a service account where there is none. Its email says the project, which must exist.
func (g *Google) EnsureServiceAccount(email string) error {
	return g.setUp("service account "+email, func(tx *setUp) error { return tx.account(email) })
}

// EnsureRole makes a project's own role hold exactly these permissions. Its name is projects/ID/roles/NAME.
func (g *Google) EnsureRole(role string, permissions ...string) error {
	return g.setUp("role "+role, func(tx *setUp) error { return tx.role(role, permissions) })
}

// setUp is a change by nobody: no call, no permission, no fault.
type setUp struct {
	*sandbox.Tx
	g    *Google
	made map[string]bool // keys that this change puts, which the view does not show yet
}

func (g *Google) setUp(what string, change func(*setUp) error) error {
	err := g.store.Update(func(tx *sandbox.Tx) error { return change(&setUp{tx, g, map[string]bool{}}) })
	if err != nil {
		return fmt.Errorf("sandbox: set up %s: %w", what, err)
	}
	return nil
}

// fresh reports whether there is nothing at a key yet, and marks it as made.
func (tx *setUp) fresh(key string) bool {
	_, exists := tx.Get(key)
	ok := !exists && !tx.made[key]
	tx.made[key] = true
	return ok
}

func (tx *setUp) known(key string) bool {
	_, exists := tx.Get(key)
	return exists || tx.made[key]
}

// once calls make for a thing that was never seeded.
func (tx *setUp) once(key string, make func() error) error {
	if !tx.fresh(seedKey(key)) {
		return nil
	}
	if err := put(tx.Tx, seedKey(key), true); err != nil {
		return err
	}
	return make()
}

func (tx *setUp) seed(s Seed) error {
	if err := tx.project(s.Project, s.Number); err != nil {
		return err
	}
	for _, id := range s.Secrets {
		if err := tx.once(secretKey(s.Project, id), func() error { return tx.secret(s.Project, id, nil) }); err != nil {
			return err
		}
	}
	for _, email := range s.ServiceAccounts {
		if accountProject(email) != s.Project {
			continue
		}
		if err := tx.once(accountKey(s.Project, email), func() error { return tx.account(email) }); err != nil {
			return err
		}
	}
	return nil
}

func (tx *setUp) project(id, no string) error {
	if !projectID.MatchString(id) {
		return fmt.Errorf("%q is no project ID: want 6 to 30 lower-case letters, digits and hyphens", id)
	}
	p, exists, err := findProject(&tx.View, id)
	if err != nil {
		return err
	}
	switch {
	case no == "" && exists:
		return nil
	case no == "":
		no = madeNumber(id)
	case !number.MatchString(no):
		return fmt.Errorf("%q is no project number", no)
	}
	if exists && p.Number != no {
		return fmt.Errorf("project %s has the number %s already, not %s", id, p.Number, no)
	}
	if !tx.fresh(projectKey(id)) {
		return nil
	}
	if !tx.fresh(numberKey(no)) {
		return fmt.Errorf("the number %s is another project's", no)
	}
	if err := put(tx.Tx, numberKey(no), id); err != nil {
		return err
	}
	return put(tx.Tx, projectKey(id), project{ID: id, Number: no, Made: tx.g.opts.Clock().Unix()})
}

// madeNumber is the number of a project whose number nobody says.
func madeNumber(id string) string {
	h := fnv.New32a()
	h.Write([]byte(id))
	return fmt.Sprintf("1%011d", h.Sum32())
}

func (tx *setUp) secret(in, id string, settings *secretmanagerpb.Secret) error {
	if !secretID.MatchString(id) {
		return fmt.Errorf("%q is no secret ID", id)
	}
	if !tx.known(projectKey(in)) {
		return fmt.Errorf("there is no project %s", in)
	}
	if settings == nil {
		settings = &secretmanagerpb.Secret{Replication: &secretmanagerpb.Replication{Replication: &secretmanagerpb.Replication_Automatic_{Automatic: &secretmanagerpb.Replication_Automatic{}}}}
	}
	if err := checkSecret(settings, tx.g.opts.Clock()); err != nil {
		return err
	}
	if !tx.fresh(secretKey(in, id)) {
		return nil
	}
	_, err := tx.g.putSecret(tx.Tx, secretKey(in, id), settings)
	return err
}

func (tx *setUp) account(address string) error {
	in := accountProject(address)
	id, _, _ := strings.Cut(address, "@")
	if in == "" || !accountID.MatchString(id) {
		return fmt.Errorf("%q is no service account of a project's", address)
	}
	if !tx.known(projectKey(in)) {
		return fmt.Errorf("there is no project %s", in)
	}
	if !tx.fresh(accountKey(in, address)) {
		return nil
	}
	return putAccount(tx.Tx, in, address)
}

func (tx *setUp) role(role string, permissions []string) error {
	n, err := parseKind(role, kindRole)
	if err != nil {
		return err
	}
	if !tx.known(projectKey(n.project)) {
		return fmt.Errorf("there is no project %s", n.project)
	}
	return putMessage(tx.Tx, roleKey(n.project, n.name), &adminpb.Role{Title: n.name, Stage: adminpb.Role_GA, IncludedPermissions: slices.Sorted(slices.Values(permissions))})
}
