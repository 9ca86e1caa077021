package access

import (
	"net/url"
	"strings"
)

// unsetAddress stands in a realm for an address that the policy leaves to CONSUL_HTTP_ADDR. Every such environment is reached through the
// same variable, so that two of them with one datacenter are one Consul: their names coincide, and sharing between them is seen.
const unsetAddress = "$CONSUL_HTTP_ADDR"

// RealmOf returns where the Consul names of an environment are unique: ADDRESS|DATACENTER|PARTITION|NAMESPACE, or "" for an environment
// without a Consul. Google's names are global, so that their realm is "" everywhere.
//
// The address is compared without regard to the case of scheme and host or a final slash; an empty partition or namespace is Consul's
// "default"; an empty address is a marker (two environments without one, in the same datacenter, are the same realm). Two addresses
// of one Consul can't be told to be so: they are different realms.
func RealmOf(e Environment) string {
	if e.Consul == nil {
		return ""
	}
	return strings.Join([]string{
		realmAddress(e.Consul.Address),
		strings.ToLower(e.Consul.Datacenter),
		realmPart(e.Consul.Partition),
		realmPart(e.Consul.Namespace),
	}, "|")
}

func realmAddress(address string) string {
	if address == "" {
		return unsetAddress
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return strings.ToLower(u.Scheme) + "://" + strings.ToLower(u.Host) + strings.TrimRight(u.Path, "/")
}

func realmPart(name string) string {
	if name == "" {
		return "default"
	}
	return strings.ToLower(name)
}
