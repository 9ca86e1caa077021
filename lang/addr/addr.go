// Package addr names the things a policy declares: comparable addresses such as workload.fraud-trainer or
// feature_store.customer-features.online. Printing and parsing round-trip. It knows nothing of what the things are.
package addr

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Kind is the block type that declares a thing.
type Kind string

// The kinds that have addresses.
const (
	Environment      Kind = "environment"
	IdentityProvider Kind = "identity_provider"
	Workload         Kind = "workload"
	Group            Kind = "group"
	FeatureStore     Kind = "feature_store"
	Secret           Kind = "secret"
	Allow            Kind = "allow"
	Deny             Kind = "deny"
	Exception        Kind = "exception"
)

// Kinds returns every kind, in the order in which a policy is usually written.
func Kinds() []Kind {
	return []Kind{Environment, IdentityProvider, Workload, Group, FeatureStore, Secret, Allow, Deny, Exception}
}

// Surface is one way into a feature store.
type Surface string

const (
	// Online is the Consul service of a feature store.
	Online Surface = "online"
	// Offline is the warehouse dataset of a feature store.
	Offline Surface = "offline"
)

// Address names one declaration, or one surface of a feature store. The zero Address names nothing. Addresses compare with ==.
type Address struct {
	Kind    Kind
	Name    string
	Surface Surface // empty but for one surface of a feature store
}

// New returns the address of a whole declaration.
func New(kind Kind, name string) Address { return Address{Kind: kind, Name: name} }

// On returns the address of one surface of a feature store.
func (a Address) On(s Surface) Address { a.Surface = s; return a }

// Whole returns the declaration that an address belongs to.
func (a Address) Whole() Address { a.Surface = ""; return a }

// String prints the address as a policy writes it.
func (a Address) String() string {
	if a.Surface == "" {
		return string(a.Kind) + "." + a.Name
	}
	return string(a.Kind) + "." + a.Name + "." + string(a.Surface)
}

// MarshalText makes addresses strings in JSON.
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (a *Address) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	*a = parsed
	return err
}

// Compare orders addresses by kind, name and surface, as text.
func Compare(a, b Address) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Surface, b.Surface))
}

// ValidName reports whether s may be the label of a declaration: at most 63 characters of a-z, 0-9, "_" and "-", a letter first. A name is
// an HCL identifier, so that a reference can be written bare, in lower case, so that no two names differ only in a way that a remote system ignores
// (Consul compares destinations without regard to case).
func ValidName(s string) bool {
	if s == "" || len(s) > 63 || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// Parse reads an address as String prints it.
func Parse(s string) (Address, error) {
	parts := strings.Split(s, ".")
	if len(parts) < 2 || len(parts) > 3 {
		return Address{}, fmt.Errorf("address %q: want KIND.NAME", s)
	}
	a := New(Kind(parts[0]), parts[1])
	if !slices.Contains(Kinds(), a.Kind) {
		return Address{}, fmt.Errorf("address %q: no kind %q", s, parts[0])
	}
	if !ValidName(a.Name) {
		return Address{}, fmt.Errorf("address %q: %q is not a name", s, parts[1])
	}
	if len(parts) == 2 {
		return a, nil
	}
	surface := Surface(parts[2])
	if a.Kind != FeatureStore || (surface != Online && surface != Offline) {
		return Address{}, fmt.Errorf("address %q: no surface %q", s, parts[2])
	}
	return a.On(surface), nil
}
