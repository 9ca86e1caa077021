package navigate

import (
	"iter"
	"slices"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// instance is one of the declarations that a for_each makes.
type instance struct {
	base  Name // of the block
	key   string
	thing Name // what it is declared as
}

// String prints the reference by the key: workload.trainer["fraud"].
func (i instance) String() string { return i.base.String() + "[" + quote(i.key) + "]" }

// spellings returns the references to a declaration and its surfaces without a key: feature_store.x-a, feature_store.x-a.online.
func (x *Index) spellings(i instance) []string {
	out := []string{i.thing.String()}
	for _, n := range x.declared(i.base.Kind) {
		if n.Name == i.base.Name && n.Surface != "" {
			out = append(out, i.thing.String()+"."+n.Surface)
		}
	}
	return out
}

// instances returns what the blocks of some kinds with for_each declare, as it was last understood.
func (v *View) instances(kinds ...string) iter.Seq[instance] {
	return func(yield func(instance) bool) {
		if len(v.Index.many) == 0 {
			return
		}
		for a := range v.things() {
			if !slices.Contains(kinds, string(a.Kind)) {
				continue
			}
			if base, key := v.Index.instance(nameOf(a)); key != "" && !yield(instance{base, key, nameOf(a)}) {
				return
			}
		}
	}
}

// things returns every declaration of the policy that can be referred to, as it was last understood: those that a for_each makes one by one.
func (v *View) things() iter.Seq[addr.Address] {
	p := v.Policy
	if p == nil {
		p = &model.Policy{}
	}
	return func(yield func(addr.Address) bool) {
		_ = all(p.Environments, yield, func(x *model.Environment) addr.Address { return addr.Address{Kind: addr.Environment, Name: x.Name} }) &&
			all(p.Providers, yield, func(x *model.IdentityProvider) addr.Address { return x.Addr }) &&
			all(p.Workloads, yield, func(x *model.Workload) addr.Address { return x.Addr }) &&
			all(p.Groups, yield, func(x *model.Group) addr.Address { return x.Addr }) &&
			all(p.Stores, yield, func(x *model.FeatureStore) addr.Address { return x.Addr }) &&
			all(p.Secrets, yield, func(x *model.Secret) addr.Address { return x.Addr }) &&
			all(p.Allows, yield, func(x *model.Allow) addr.Address { return x.Addr }) &&
			all(p.Denies, yield, func(x *model.Deny) addr.Address { return x.Addr }) &&
			all(p.Exceptions, yield, func(x *model.Exception) addr.Address { return x.Addr })
	}
}

// all yields the address of each, until nobody wants more.
func all[T any](list []T, yield func(addr.Address) bool, address func(T) addr.Address) bool {
	return !slices.ContainsFunc(list, func(x T) bool { return !yield(address(x)) })
}
