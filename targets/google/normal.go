package google

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"gatehouse/compiler/access"
	"gatehouse/targets"
)

// Normal returns the normal form of a secret's policy, in the JSON form of google.iam.v1.Policy, as the server gives it. Its items are those
// of the managed roles, claimed says which are ours, and the token is the policy's etag.
func Normal(secret string, body json.RawMessage, claimed func(item string) bool) (targets.Container, error) {
	p, err := parsePolicy(body)
	if err != nil {
		return targets.Container{}, fmt.Errorf("%s/%s: %w", SecretPolicy, secret, err)
	}
	c := targets.Container{
		Key:     targets.Key{Kind: SecretPolicy, Name: secret},
		Body:    body,
		Governs: []access.Surface{{Target: access.Google, Kind: Secret, Name: secret}},
		Shared:  true,
	}
	if raw := p.rest["etag"]; raw != nil {
		var etag string
		if err := json.Unmarshal(raw, &etag); err != nil {
			return targets.Container{}, fmt.Errorf("%s: etag: %w", c.Key, err)
		}
		c.Token = targets.Token(etag)
	}
	for _, g := range p.grants {
		if managed(g.role) {
			key := g.key()
			c.Items = append(c.Items, targets.Item{Key: key, Value: granted, Ours: claimed(key)})
		}
	}
	slices.SortFunc(c.Items, func(a, b targets.Item) int { return cmp.Compare(a.Key, b.Key) })
	return c, nil
}
