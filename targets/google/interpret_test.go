package google_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/compiler/access"
	"gatehouse/targets"
	"gatehouse/targets/google"
)

// told tells edges as "WHO read key", "WHO=ACCOUNT" (acts as) or "WHO=tokens(ACCOUNT)", with times in days of 2027 and requests.
func told(edges []access.Edge) []string {
	out := []string{}
	for _, e := range edges {
		text := short(e.From.Name)
		if e.ActsAs != (access.Principal{}) {
			text += "=" + short(e.ActsAs.Name)
		} else {
			text += fmt.Sprintf(" %s %s", e.Verb, e.To.Name[strings.LastIndexByte(e.To.Name, '/')+1:])
		}
		for _, s := range e.Spans {
			if s == access.Always {
				continue
			}
			begin, begins := s.Begins()
			end, ends := s.Ends()
			text += " "
			if begins {
				text += begin.Format("0102T15:04:05")
			}
			text += ".."
			if ends {
				text += end.Format("0102T15:04:05")
			}
		}
		if e.Requests != "" {
			text += " for " + e.Requests
		}
		out = append(out, text)
	}
	return out
}

func short(name string) string {
	if account, ok := strings.CutPrefix(name, "identity tokens of "); ok {
		return "tokens(" + short(account) + ")"
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "serviceAccount:"), "@acme-prod.iam.gserviceaccount.com")
	return strings.TrimPrefix(strings.TrimSuffix(name, "@acme.example"), "user:")
}

// world makes facts of objects, with the secret "key" asked about.
func world(objects ...targets.Object) targets.Facts {
	return targets.Facts{Objects: objects, Surfaces: []access.Surface{surface("key")}}
}

const (
	onSecret  = "secret-policy projects/acme-prod/secrets/key"
	onProject = "project-policy projects/acme-prod"
	onAccount = "service-account-policy projects/acme-prod/serviceAccounts/web@acme-prod.iam.gserviceaccount.com"
)

var acme = object("project projects/acme-prod", `{"name":"projects/123","projectId":"acme-prod","parent":"folders/7"}`)

func on(where string, bindings ...string) targets.Object {
	return object(where, "["+strings.Join(bindings, ",")+"]")
}

// TestInterpret reads worlds that nobody compiled. Behind each row stands the page of Google's documentation that it comes from:
//
//	(access)  https://cloud.google.com/secret-manager/docs/access-control
//	(roles)   https://cloud.google.com/iam/docs/roles-permissions
//	(inherit) https://cloud.google.com/iam/docs/resource-hierarchy-access-control
//	(members) https://cloud.google.com/iam/docs/principal-identifiers
//	(act)     https://cloud.google.com/iam/docs/service-account-permissions and /iam/docs/service-account-impersonation
//	(custom)  https://cloud.google.com/iam/docs/roles-overview#custom
//	(cond)    https://cloud.google.com/iam/docs/conditions-overview, /conditions-attribute-reference and /conditions-resource-attributes
//	(with)    https://cloud.google.com/iam/docs/troubleshooting-withcond
func TestInterpret(t *testing.T) {
	const ann, bob, web = "user:ann@acme.example", "user:bob@acme.example", "serviceAccount:web@acme-prod.iam.gserviceaccount.com"
	type objects = []targets.Object
	for _, test := range []struct {
		name    string
		objects objects
		want    []string
	}{
		{"nothing", objects{}, []string{}},
		{"an empty policy", objects{object(onSecret, `{"etag":"ACAB"}`)}, []string{}},

		{"(access) reading", objects{on(onSecret, bind("roles/secretmanager.secretAccessor", ann))}, []string{"ann read key"}},
		{"(access) adding a version", objects{on(onSecret, bind("roles/secretmanager.secretVersionAdder", ann))}, []string{"ann write key"}},
		{"(access) managing versions", objects{on(onSecret, bind("roles/secretmanager.secretVersionManager", ann))}, []string{"ann write key"}},
		{"(access) metadata", objects{on(onSecret, bind("roles/secretmanager.viewer", ann))}, []string{}},
		{"(access) the administrator", objects{on(onSecret, bind("roles/secretmanager.admin", ann))}, []string{"ann read key", "ann write key"}},
		{"(roles) who may change the policy reaches it", objects{on(onSecret, bind("roles/iam.securityAdmin", ann))}, []string{"ann read key", "ann write key"}},
		{"(roles) a project's policy can't be changed by a role on a secret", objects{on(onSecret, bind("roles/resourcemanager.projectIamAdmin", ann))}, []string{}},

		{"(inherit) from the project", objects{on(onProject, bind("roles/secretmanager.secretAccessor", ann))}, []string{"ann read key"}},
		{"(inherit) from a folder and the organization", objects{acme, object("folder folders/7", `{"name":"folders/7","parent":"organizations/1"}`),
			on("folder-policy folders/7", bind("roles/secretmanager.secretAccessor", ann)),
			on("organization-policy organizations/1", bind("roles/secretmanager.secretVersionAdder", bob))}, []string{"ann read key", "bob write key"}},
		{"(inherit) not from another project", objects{on("project-policy projects/other-prod", bind("roles/owner", ann))}, []string{}},
		{"(inherit) not from another secret", objects{on("secret-policy projects/acme-prod/secrets/else", bind("roles/secretmanager.secretAccessor", ann))},
			[]string{"ann read else"}},
		{"(inherit) folders in a circle end", objects{acme, object("folder folders/7", `{"parent":"folders/8"}`), object("folder folders/8", `{"parent":"folders/7"}`),
			on("folder-policy folders/8", bind("roles/secretmanager.secretAccessor", ann))}, []string{"ann read key"}},
		{"(roles) owner", objects{on(onProject, bind("roles/owner", ann))}, []string{"ann read key", "ann write key"}},
		{"(roles) editor adds versions, and does not read", objects{on(onProject, bind("roles/editor", ann))}, []string{"ann write key"}},
		{"(roles) viewer", objects{on(onProject, bind("roles/viewer", ann))}, []string{}},
		{"(roles) who may change the project's policy", objects{on(onProject, bind("roles/resourcemanager.projectIamAdmin", ann))}, []string{"ann read key", "ann write key"}},
		{"(roles) who may change a folder's", objects{acme, on("folder-policy folders/7", bind("roles/resourcemanager.folderIamAdmin", ann))}, []string{"ann read key", "ann write key"}},
		{"(roles) not by a role on the project", objects{on(onProject, bind("roles/resourcemanager.folderIamAdmin", ann))}, []string{}},

		{"(members) everybody", objects{on(onSecret, bind("roles/secretmanager.secretAccessor", "allUsers"))}, []string{"* read key"}},
		{"(members) everybody with an account", objects{on(onSecret, bind("roles/secretmanager.secretAccessor", "allAuthenticatedUsers"))}, []string{"* read key"}},
		{"(members) groups, domains and pools by name", objects{on(onSecret, bind("roles/secretmanager.secretAccessor", "group:sre@acme.example", "domain:acme.example",
			"principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/P/attribute.a/B"))}, []string{"domain:acme.example read key", "group:sre read key",
			"principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/P/attribute.a/B read key"}},
		{"(members) case does not matter", objects{on(onSecret, bind("roles/secretmanager.secretAccessor", "user:Ann@ACME.example"))}, []string{"ann read key"}},
		{"(members) who was deleted has nothing", objects{on(onSecret, bind("roles/secretmanager.secretAccessor", "deleted:user:ann@acme.example?uid=1"))}, []string{}},

		{"(act) an access token", objects{on(onAccount, bind("roles/iam.workloadIdentityUser", ann))}, []string{"ann=tokens(web)", "ann=web"}},
		{"(act) an identity token is not access", objects{on(onAccount, bind("roles/iam.serviceAccountOpenIdTokenCreator", ann))}, []string{"ann=tokens(web)"}},
		{"(act) running code", objects{on(onAccount, bind("roles/iam.serviceAccountUser", ann))}, []string{"ann=web"}},
		{"(act) keys", objects{on(onAccount, bind("roles/iam.serviceAccountKeyAdmin", ann))}, []string{"ann=web"}},
		{"(act) its policy", objects{on(onAccount, bind("roles/iam.serviceAccountAdmin", ann))}, []string{"ann=web"}},
		{"(act) signing", objects{object("role projects/acme-prod/roles/signer", `{"includedPermissions":["iam.serviceAccounts.signJwt"]}`),
			on(onAccount, bind("projects/acme-prod/roles/signer", ann))}, []string{"ann=web"}},
		{"(act) from the project, for every account that occurs", objects{on(onProject, bind("roles/iam.serviceAccountTokenCreator", ann)),
			on(onSecret, bind("roles/secretmanager.secretAccessor", web))}, []string{"web read key", "ann=tokens(web)", "ann=web"}},
		{"(act) not for an account of another project", objects{on(onProject, bind("roles/iam.serviceAccountTokenCreator", ann)),
			on(onSecret, bind("roles/secretmanager.secretAccessor", "serviceAccount:x@other-prod.iam.gserviceaccount.com"))},
			[]string{"x@other-prod.iam.gserviceaccount.com read key"}},
		{"(act) an account as another", objects{on(onAccount, bind("roles/iam.serviceAccountTokenCreator", "serviceAccount:job@acme-prod.iam.gserviceaccount.com"))},
			[]string{"job=tokens(web)", "job=web"}},

		{"(act) an account as itself is no news", objects{on(onAccount, bind("roles/iam.serviceAccountTokenCreator", web))}, []string{}},

		{"(custom) what a role holds", objects{object("role projects/acme-prod/roles/r", `{"includedPermissions":["secretmanager.versions.access"]}`),
			on(onProject, bind("projects/acme-prod/roles/r", ann))}, []string{"ann read key"}},
		{"(custom) a disabled role gives nothing", objects{object("role projects/acme-prod/roles/r", `{"stage":"DISABLED","includedPermissions":["secretmanager.versions.access"]}`),
			on(onProject, bind("projects/acme-prod/roles/r", ann))}, []string{}},
		{"(custom) a deleted role gives nothing", objects{object("role projects/acme-prod/roles/r", `{"deleted":true,"includedPermissions":["secretmanager.versions.access"]}`),
			on(onProject, bind("projects/acme-prod/roles/r", ann))}, []string{}},
		{"(custom) who may change a role that it has", objects{object("role projects/acme-prod/roles/r", `{}`),
			on(onProject, bind("projects/acme-prod/roles/r", ann, bob), bind("roles/iam.roleAdmin", ann))}, []string{"ann read key", "ann write key"}},
		{"(custom) who may change a role that it has not", objects{object("role projects/acme-prod/roles/r", `{}`),
			on(onProject, bind("projects/acme-prod/roles/r", bob), bind("roles/iam.roleAdmin", ann))}, []string{}},
		{"(custom) an organization's role is not changed from a project", objects{acme, object("folder folders/7", `{"parent":"organizations/1"}`), object("role organizations/1/roles/r", `{}`),
			on(onProject, bind("organizations/1/roles/r", ann, bob), bind("roles/iam.roleAdmin", ann)),
			on("organization-policy organizations/1", bind("roles/iam.organizationRoleAdmin", bob))}, []string{"bob read key", "bob write key"}},
		{"(custom) who may change a role that it has, both under conditions that are not known", objects{object("role projects/acme-prod/roles/r", `{}`),
			on(onProject, bind("projects/acme-prod/roles/r", ann, "if", `request.moon == "full"`), bind("roles/iam.roleAdmin", ann, "if", `request.moon == "new"`))},
			[]string{`ann read key for unknown condition: request.moon == "full" and unknown condition: request.moon == "new"`,
				`ann write key for unknown condition: request.moon == "full" and unknown condition: request.moon == "new"`}},
		{"an unknown role under a condition that is not known", objects{on(onSecret, bind("roles/new.thing", ann, "if", `request.moon == "full"`))},
			[]string{`ann read key for unknown role: roles/new.thing and unknown condition: request.moon == "full"`,
				`ann write key for unknown role: roles/new.thing and unknown condition: request.moon == "full"`}},
		{"an unknown role is neither nothing nor access", objects{on(onSecret, bind("roles/new.thing", ann))},
			[]string{"ann read key for unknown role: roles/new.thing", "ann write key for unknown role: roles/new.thing"}},

		{"(cond) until", objects{on(onSecret, bind("roles/secretmanager.secretAccessor", ann, "if", `request.time < timestamp("2027-02-01T00:00:00Z")`))},
			[]string{"ann read key ..0201T00:00:00"}},
		{"(cond) beside an unconditional one: both count, together", objects{on(onSecret, bind("roles/secretmanager.secretAccessor", ann, "if", `request.time < timestamp("2027-02-01T00:00:00Z")`),
			bind("roles/secretmanager.secretAccessor", ann))}, []string{"ann read key"}},
		{"(cond) hours of the day are a narrowing", objects{on(onSecret, bind("roles/secretmanager.secretAccessor", ann, "if", `request.time.getHours("Europe/Berlin") >= 9`))},
			[]string{`ann read key for condition: request.time.getHours("Europe/Berlin") >= 9`}},
		{"(cond) a secret by its name, on the project", objects{acme, on(onProject, bind("roles/secretmanager.secretAccessor", ann, "if", `resource.name.startsWith("projects/123/secrets/key/")`))},
			[]string{"ann read key"}},
		{"(cond) another secret's name", objects{acme, on(onProject, bind("roles/secretmanager.secretAccessor", ann, "if", `resource.name.startsWith("projects/123/secrets/else/")`))}, []string{}},
		{"(cond) names hold numbers: an ID never matches", objects{acme, on(onProject, bind("roles/secretmanager.secretAccessor", ann, "if", `resource.name.startsWith("projects/acme-prod/secrets/key/")`))}, []string{}},
		{"(cond) one version is a narrowing", objects{acme, on(onProject, bind("roles/secretmanager.secretAccessor", ann, "if", `resource.name == "projects/123/secrets/key/versions/7"`))},
			[]string{`ann read key for condition: resource.name == "projects/123/secrets/key/versions/7"`}},
		{"(cond) a name is unknown without the project's number", objects{on(onProject, bind("roles/secretmanager.secretAccessor", ann, "if", `resource.name.startsWith("projects/123/secrets/key/")`))},
			[]string{`ann read key for unknown condition: resource.name.startsWith("projects/123/secrets/key/")`}},
		{"(cond) a type that reads, and does not add", objects{on(onProject, bind("roles/secretmanager.admin", ann, "if", `resource.type == "secretmanager.googleapis.com/SecretVersion"`))},
			[]string{"ann read key"}},
		{"(cond) another service", objects{on(onProject, bind("roles/owner", ann, "if", `resource.service == "storage.googleapis.com"`))}, []string{}},
		{"(cond) tags are not known", objects{on(onProject, bind("roles/secretmanager.secretAccessor", ann, "if", `resource.matchTag("1/env", "prod")`))},
			[]string{`ann read key for unknown condition: resource.matchTag("1/env", "prod")`}},
		{"(cond) what can't be read is unknown", objects{on(onSecret, bind("roles/secretmanager.secretAccessor", ann, "if", `request.moon == "full"`))},
			[]string{`ann read key for unknown condition: request.moon == "full"`}},
		{"(cond) on an impersonation", objects{on(onAccount, bind("roles/iam.serviceAccountUser", ann, "if", `request.time < timestamp("2027-02-01T00:00:00Z")`))}, []string{"ann=web ..0201T00:00:00"}},
		{"(with) a condition that was withheld", objects{on(onSecret, bind("roles/secretmanager.secretAccessor_withcond_2e8ed", ann))}, []string{"ann read key for unknown condition: it was not shown"}},
	} {
		edges, err := google.Driver{}.Interpret(world(test.objects...), now)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if diff := cmp.Diff(test.want, told(edges)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestInterpretRefuses(t *testing.T) {
	for _, o := range []targets.Object{
		on(onAccount), object("intention x", `{}`), object(onSecret, `{"bindings":7}`), object(onSecret, ``), object("role r", `[`), object("project projects/x", `7`),
	} {
		if _, err := (google.Driver{}).Interpret(world(on(onAccount), o), now); err == nil || !strings.Contains(err.Error(), o.Key.String()) {
			t.Errorf("%s %s: %v", o.Key, o.Body, err)
		}
	}
}

// The way says which policy and which permission are behind an edge, and what one has to do.
func TestVia(t *testing.T) {
	edges, err := google.Driver{}.Interpret(world(on(onProject, bind("roles/iam.securityAdmin", "user:ann@acme.example"))), now)
	if err != nil || len(edges) != 2 {
		t.Fatal(edges, err)
	}
	want := []access.Step{
		{Object: "project-policy/projects/acme-prod", Detail: "roles/iam.securityAdmin holds resourcemanager.projects.setIamPolicy: it can grant itself the access"},
		{Object: "project-policy/projects/acme-prod", Detail: "roles/iam.securityAdmin holds secretmanager.secrets.setIamPolicy: it can grant itself the access"},
	}
	if diff := cmp.Diff(want, edges[0].Via); diff != "" {
		t.Error(diff)
	}
}

func FuzzInterpret(f *testing.F) {
	f.Add(onSecret, `[`+bind(google.Reader, "user:ann@acme.example", "if", `request.time < timestamp("2027-02-01T00:00:00Z")`)+`]`)
	f.Add(onProject, `[`+bind("roles/owner", "allUsers", "if", `!(resource.name.startsWith("a") ? true : request.time.getHours() > 3)`)+`]`)
	f.Add(onAccount, `{"bindings":[{"role":"projects/x/roles/y","members":["deleted:x",""],"condition":{}}]}`)
	f.Add("role roles/x", `{"includedPermissions":["secretmanager.versions.access"]}`)
	f.Add("deny-policy policies/cloudresourcemanager.googleapis.com%2Fprojects%2Facme-prod/denypolicies/d",
		`{"rules":[{"denyRule":{"deniedPrincipals":["principalSet://goog/public:all"],"exceptionPrincipals":["principalSet://goog/group/a@b"],"deniedPermissions":["secretmanager.googleapis.com/*.*"],"denialCondition":{"expression":"resource.matchTag('a/b','c')"}}}]}`)
	f.Add("group sre@acme.example", `{"members":["group:sre@acme.example","user:ann@acme.example"]}`)
	f.Add("policy-binding x", `{"target":{"principalSet":"//cloudresourcemanager.googleapis.com/projects/123"}}`)
	f.Add("project projects/acme-prod", `{"name":"projects/1","parent":"folders/7"}`)
	f.Fuzz(func(t *testing.T, name, body string) {
		facts := world(acme, on(onProject, bind("roles/owner", "user:ann@acme.example")), object(name, body))
		once, err := google.Driver{}.Interpret(facts, now)
		again, _ := google.Driver{}.Interpret(facts, now)
		if err == nil && cmp.Diff(once, again) != "" {
			t.Error("two answers to one question")
		}
	})
}
