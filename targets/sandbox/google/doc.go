// Package google is a strict local double, over real gRPC, of the part of Google Cloud that Gatehouse uses. The official clients talk to
// it as they talk to Google: with an endpoint of host:port, without TLS and without credentials.
//
// It models
//   - Secret Manager v1: GetSecret, ListSecrets with its pages, CreateSecret, DeleteSecret, AddSecretVersion, AccessSecretVersion, and
//     GetIamPolicy, SetIamPolicy and TestIamPermissions on secrets;
//   - Resource Manager v3: GetProject and the three policy methods on projects;
//   - IAM Admin v1: GetRole and CreateRole (custom roles of a project), GetServiceAccount, ListServiceAccounts, CreateServiceAccount and
//     the three policy methods on service accounts;
//   - IAM v2: ListPolicies and GetPolicy of a project's deny policies, which EnsureDenyPolicy makes, without conditions; they count;
//   - allow policies as IAM keeps them: versions 0, 1 and 3, etags, update masks, members and bindings in normal form, conditions
//     withheld from readers of version 1 (role names end in _withcond_ and a hash), audit configs, the limits on principals, groups,
//     operators and conditions; see policy.go for the rules and where they come from;
//   - authorisation: every call is allowed or refused by the policies that the double holds, a secret's and its project's, with their
//     conditions evaluated at the double's clock. Who calls is said by the metadata x-sandbox-principal, which may be repeated: the
//     first is the principal, such as user:ann@acme.example, the others are groups and principal sets that it belongs to. Without it
//     the caller is Options.Principal, and without that the operator, who may do everything;
//   - the quota of Secret Manager, where Options ask for it.
//
// Responses name a project by its number, as Secret Manager's do, whatever the request said. A payload is never kept: of a version the
// double remembers the length, and whoever may access it is given that many letters x.
//
// What cannot be seen here is whether Google behaves so: no server of Google's runs on a developer's machine. Rules come from Google's
// documentation and the protocol's comments; where those are silent the double takes the stricter reading.
//
// It does not model, and answers UNIMPLEMENTED to,
//   - every other method, UpdateSecret, ListSecretVersions and the life of versions included;
//   - regional secrets, and secrets that expire (ttl, expire_time), have aliases, tags or keys of the customer's;
//   - filters of ListSecrets;
//   - roles of an organization, and roles beyond roles.json, unless Options.Roles names them (those it refuses as unknown);
//   - conditions on attributes other than request.time and resource.name, type and service (tags, access levels, IP addresses, paths).
//
// Nor are there folders and organizations above a project, principal access boundaries, tokens of impersonated
// service accounts, the minutes that a change of policy takes to act, the rule that a project keeps an owner, or the size of a policy in
// bytes. Whether a user, group or pool exists is not asked; whether a service account of a project of the double's does, is.
package google
