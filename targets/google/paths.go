package google

import (
	"slices"
	"strings"

	"gatehouse/compiler/access"
	"gatehouse/targets"
)

// The permissions that lead to a payload or to a service account. Paths are derived from them, never from the names of roles.
// See https://cloud.google.com/iam/docs/service-account-permissions and https://cloud.google.com/secret-manager/docs/access-control.
const (
	accessVersions   = "secretmanager.versions.access"
	addVersions      = "secretmanager.versions.add"
	setSecretPolicy  = "secretmanager.secrets.setIamPolicy"
	setProjectPolicy = "resourcemanager.projects.setIamPolicy"
	setFolderPolicy  = "resourcemanager.folders.setIamPolicy"
	setOrgPolicy     = "resourcemanager.organizations.setIamPolicy"
	setAccountPolicy = "iam.serviceAccounts.setIamPolicy"
	updateRoles      = "iam.roles.update"
	getOpenIDToken   = "iam.serviceAccounts.getOpenIdToken"
)

// path is what a permission leads to.
type path struct {
	permission string
	kinds      []string      // of the policies that can give it; nil: all
	verbs      []access.Verb // on a secret
	tokens     bool          // on a service account: its identity tokens, and no more
	how        string        // what somebody has to do; empty where the permission is the access itself
}

var (
	readWrite = []access.Verb{access.ReadData, access.WriteData}
	onProject = []string{ProjectPolicy, FolderPolicy, OrganizationPolicy}
	onFolder  = []string{FolderPolicy, OrganizationPolicy}
	onOrg     = []string{OrganizationPolicy}
)

const selfGrant = "it can grant itself the access"

// secretPaths lead to a secret's payload.
var secretPaths = []path{
	{permission: accessVersions, verbs: []access.Verb{access.ReadData}},
	{permission: addVersions, verbs: []access.Verb{access.WriteData}},
	{permission: setSecretPolicy, verbs: readWrite, how: selfGrant},
	{permission: setProjectPolicy, kinds: onProject, verbs: readWrite, how: selfGrant},
	{permission: setFolderPolicy, kinds: onFolder, verbs: readWrite, how: selfGrant},
	{permission: setOrgPolicy, kinds: onOrg, verbs: readWrite, how: selfGrant},
}

// accountPaths lead to a service account.
var accountPaths = []path{
	{permission: "iam.serviceAccounts.getAccessToken"},
	{permission: "iam.serviceAccounts.signBlob", how: "it can sign a token of the account"},
	{permission: "iam.serviceAccounts.signJwt", how: "it can sign a token of the account"},
	{permission: "iam.serviceAccountKeys.create", how: "it can make a key of the account"},
	{permission: "iam.serviceAccounts.actAs", how: "it can run code as the account"},
	{permission: setAccountPolicy, how: selfGrant},
	{permission: setProjectPolicy, kinds: onProject, how: selfGrant},
	{permission: setFolderPolicy, kinds: onFolder, how: selfGrant},
	{permission: setOrgPolicy, kinds: onOrg, how: selfGrant},
	{permission: getOpenIDToken, tokens: true, how: "it can get identity tokens of the account"},
}

// passage is a way that one binding opens for its principals.
type passage struct {
	at         targets.Key // of the policy that the binding is in
	principals []string
	verbs      []access.Verb
	tokens     bool
	clauses    []clauseOf // all must hold
	unknown    string     // what isn't known of it; empty where it is sure
	via        []access.Step
}

// clauseOf is a binding's condition, asked about a permission: what a condition sees of a request hangs on what is asked for.
type clauseOf struct {
	condition  string
	withheld   bool
	permission string
}

func (b rule) clause(permission string) clauseOf {
	return clauseOf{b.condition, b.withheld, permission}
}

// passages returns what the policies of a chain open.
func (i *interpreter) passages(chain []*rules, paths []path) []passage {
	var out []passage
	for _, r := range chain {
		out = append(out, i.passagesOf(r, chain, paths)...)
	}
	return out
}

// passagesOf returns what one policy of a chain opens.
func (i *interpreter) passagesOf(r *rules, chain []*rules, paths []path) []passage {
	var out []passage
	for _, b := range r.bindings {
		held, known := i.roles[b.role]
		if !known {
			out = append(out, unknownRole(r, b, paths)...)
		}
		for _, p := range paths {
			if held[p.permission] && p.givenBy(r) {
				out = append(out, b.passage(r, p))
			}
		}
		out = append(out, i.rewritten(r, b, chain, paths)...)
	}
	return out
}

func (p path) givenBy(r *rules) bool { return p.kinds == nil || slices.Contains(p.kinds, r.at.Kind) }

func (b rule) passage(r *rules, p path) passage {
	detail := b.role + " holds " + p.permission
	if p.how != "" {
		detail += ": " + p.how
	}
	return passage{
		at:         r.at,
		principals: b.principals,
		verbs:      p.verbs,
		tokens:     p.tokens,
		clauses:    []clauseOf{b.clause(p.permission)},
		via:        []access.Step{{Object: r.at.String(), Detail: detail}},
	}
}

// unknownRole returns what a role may open of which nothing is known: the access itself.
func unknownRole(r *rules, b rule, paths []path) []passage {
	var out []passage
	for _, p := range paths {
		if p.how != "" || !p.givenBy(r) {
			continue
		}
		next := b.passage(r, p)
		next.unknown = "unknown role: " + b.role
		next.via = []access.Step{{Object: r.at.String(), Detail: "nobody knows what " + b.role + " holds"}}
		out = append(out, next)
	}
	return out
}

// rewritten returns what a binding of a custom role opens to those of its principals who may change the role: they can put everything into
// it. Where the role belongs to a project, the permission counts on the project and above; where it belongs to an organization, there.
func (i *interpreter) rewritten(r *rules, b rule, chain []*rules, paths []path) []passage {
	at, custom := home(b.role)
	if !custom {
		return nil
	}
	over := chain
	if project, ok := strings.CutPrefix(at, "projects/"); ok {
		over = i.above(project)
	}
	var out []passage
	for _, above := range over {
		if above.at.Kind == SecretPolicy || above.at.Kind == ServiceAccountPolicy ||
			strings.HasPrefix(at, "organizations/") && above.at.Kind != OrganizationPolicy {
			continue
		}
		for _, editor := range above.bindings {
			both := common(editor.principals, b.principals)
			if !i.roles[editor.role][updateRoles] || len(both) == 0 {
				continue
			}
			out = append(out, rewriting(r, b, above, editor, both, paths)...)
		}
	}
	return out
}

func rewriting(r *rules, b rule, above *rules, editor rule, both []string, paths []path) []passage {
	var out []passage
	for _, p := range paths {
		if p.how != "" {
			continue
		}
		next := b.passage(r, p)
		next.principals = both
		next.clauses = append(next.clauses, editor.clause(updateRoles))
		next.via = []access.Step{
			{Object: above.at.String(), Detail: editor.role + " holds " + updateRoles + ": it can put " + p.permission + " into " + b.role},
			{Object: r.at.String(), Detail: "it has " + b.role},
		}
		out = append(out, next)
	}
	return out
}

// common returns those of the editors who are among the principals of a binding, by name or as one of the public.
func common(editors, principals []string) []string {
	if slices.Contains(principals, access.Anyone) {
		return editors
	}
	if slices.Contains(editors, access.Anyone) {
		return principals
	}
	var out []string
	for _, name := range editors {
		if slices.Contains(principals, name) {
			out = append(out, name)
		}
	}
	return out
}

// place is the secret that is asked about; zero for a service account.
type place struct {
	project string // its number; empty: not known
	secret  string
}

// request says what conditions see of a request for a permission. IAM's own resources, folders and organizations offer no attributes:
// https://cloud.google.com/iam/docs/conditions-resource-attributes. How a project is named there is not documented alike everywhere,
// so that conditions on its name are taken for unknown.
func (at place) request(permission string) request {
	if permission == setProjectPolicy {
		return request{service: "cloudresourcemanager.googleapis.com", kind: "cloudresourcemanager.googleapis.com/Project"}
	}
	if at.secret == "" || !strings.HasPrefix(permission, "secretmanager.") {
		return request{}
	}
	r := request{service: "secretmanager.googleapis.com", kind: "secretmanager.googleapis.com/Secret"}
	if at.project != "" {
		r.name = "projects/" + at.project + "/secrets/" + at.secret
	}
	if permission == accessVersions {
		r.kind = "secretmanager.googleapis.com/SecretVersion"
		if r.name != "" {
			r.name, r.part = r.name+"/versions/", true
		}
	}
	return r
}
