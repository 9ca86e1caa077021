// Package google is the driver for Google Cloud: secrets are guarded by their allow policies in Secret Manager, workloads are service
// accounts, and access is a binding of a role, a member and a condition. It compiles, interprets, reads and writes; what to do about a
// difference is the spine's business (package targets), and nothing here knows of HCL.
//
// What is settled here, each from Google's documentation (the page is named where the rule is used):
//
//   - An item is one member in one role under one condition; title, description and expression are part of it. Two grants that differ in their
//     condition alone are two items, and neither hides the other.
//   - Intervals become conditions on request.time. Their titles derive from the interval alone, so that renaming an allow writes nothing.
//     What has wholly ended is not compiled: it can give nothing again, and every occurrence of a principal counts against Google's limit.
//   - Items are of the managed roles only: secretAccessor and secretVersionAdder. Everything else in a policy is kept as it is, and shows by
//     what it means: the interpreter sees it.
//   - Bindings carry no mark, so that claims in the state (package targets/state) say what is ours. With ownership additive nothing but
//     what is claimed is revoked. With exclusive, every item of a managed role on a declared secret is ours too, claimed or not; on a
//     secret that has left the policy only what is claimed is. From exclusive to additive, what was there before us, and was kept
//     because it is declared, stays and is not claimed; from additive to exclusive, a plan shows what will be revoked, and the
//     brake counts it. Where the state is lost or old, nothing is ours but what was claimed since, in either mode.
//   - Policies are written by the generated client, not by cloud.google.com/go/iam's handles: Handle.Policy knows no conditions, and Handle.V3
//     hides the etag. The update mask is the default, so that audit configs are never touched.
//   - Deny policies are read where the reader may, and take away by principal, permission and exception; conditions on tags leave it open. Principal
//     access boundaries are taken into account where they are given, as unknown. Where either isn't read, and of VPC service controls, nothing is
//     said: all of them only narrow, so that what is reported may be less in reality, never more.
//   - Who belongs to a group is what somebody tells in a file; otherwise the group is a principal by the name of its member, and so is a domain.
//     Users belong to the domain of their address. Of federated pools it is known who is in them, and not what their tokens say.
//   - iam.serviceAccounts.implicitDelegation alone, and services that run code as a service account without iam.serviceAccounts.actAs, are not
//     followed.
package google

import (
	"gatehouse/compiler/access"
	"gatehouse/lang/model"
	"gatehouse/targets"
)

// The kinds of object that the driver writes, reads or takes into account. Their names are Google's resource names, with a project's ID.
const (
	SecretPolicy         = "secret-policy"          // the allow policy of projects/ID/secrets/NAME: the one kind that is written
	ProjectPolicy        = "project-policy"         // of projects/ID
	FolderPolicy         = "folder-policy"          // of folders/NUMBER
	OrganizationPolicy   = "organization-policy"    // of organizations/NUMBER
	ServiceAccountPolicy = "service-account-policy" // of projects/ID/serviceAccounts/EMAIL
	Role                 = "role"                   // what a role holds, by its name: roles/NAME, projects/ID/roles/NAME, organizations/NUMBER/roles/NAME
	Project              = "project"                // projects/ID: its number and what it lies in
	Folder               = "folder"                 // folders/NUMBER: what it lies in
	SecretMetadata       = "secret"                 // projects/ID/secrets/NAME, without its payload
	DenyPolicy           = "deny-policy"            // policies/ATTACHMENT/denypolicies/NAME, with the attachment as it stands in URLs
	PolicyBinding        = "policy-binding"         // of a principal access boundary to a set of principals, by its name
	Group                = "group"                  // who belongs to a group, by its address: {"members": […]}, as somebody told
)

// Secret is the kind of surface that the driver guards.
const Secret = "secret"

// The roles that the driver grants and revokes, and no others. Each holds exactly one permission on payloads:
// https://cloud.google.com/secret-manager/docs/access-control.
const (
	Reader = "roles/secretmanager.secretAccessor"     // for read: secretmanager.versions.access
	Writer = "roles/secretmanager.secretVersionAdder" // for write: secretmanager.versions.add
)

// managed reports whether a role is one that the driver grants.
func managed(role string) bool { return role == Reader || role == Writer }

// The limits of an allow policy: https://cloud.google.com/iam/quotas. Every occurrence of a principal counts, those in audit
// exemptions included.
const (
	MaxPrincipals = 1500
	MaxGroups     = 250 // groups and domains
	MaxOperators  = 12  // logical operators in one condition
	MaxConditions = 20  // bindings of one role and member with different conditions
)

// warnAt is four fifths of a limit, rounded up.
func warnAt(limit int) int { return (limit*8 + 9) / 10 }

// Driver is Google Cloud as a target. The zero value is ready to use.
type Driver struct{}

var (
	_ targets.Driver  = Driver{}
	_ targets.Auditor = Driver{}
)

// Capabilities says what an allow policy can express: secrets, with a clock, reading and writing apart.
func (Driver) Capabilities() access.Capabilities {
	return access.Capabilities{
		Target: access.Google,
		Kinds:  []string{Secret},
		Clock:  true,
		Verbs:  map[model.Action]access.Verb{model.Read: access.ReadData, model.Write: access.WriteData},
	}
}

// Realm is "" for every environment with a project, since Google's names are global, and false for one without.
func (Driver) Realm(e access.Environment) (string, bool) { return "", e.Google != nil }

// Defaults returns one world: nobody reaches a secret unless a policy says so. What a secret inherits is read, not a default.
func (Driver) Defaults() []targets.Settings { return []targets.Settings{{}} }
