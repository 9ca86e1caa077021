package consul

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gatehouse/compiler/access"
	"gatehouse/targets"
)

// protocolKey is the one item of service-defaults that the driver may own.
const protocolKey = "protocol"

// jwtKey is the item of an entry that asks for a token on top of the sources. The driver never writes one: where somebody adds it to an
// entry of ours, it shows as an extra item and is taken away.
const jwtKey = "jwt"

// sourceKey names the item of a source of the entry's own namespace.
func sourceKey(name string) string {
	key := make([]byte, 0, len("source ")+len(name)+2)
	return string(strconv.AppendQuote(append(key, "source "...), name))
}

// listed is what the normal form needs of an entry that the server gave. It keeps as raw JSON what only has to be compared.
type listed struct {
	Kind        string
	Name        string
	Namespace   string
	Partition   string
	Protocol    string
	Sources     []listedSource
	JWT         json.RawMessage
	Meta        map[string]string
	ModifyIndex uint64
}

type listedSource struct {
	Name          string
	Action        string
	Permissions   json.RawMessage
	Namespace     string
	Partition     string
	Peer          string
	SamenessGroup string
}

// Normal returns the normal form of an entry of service-intentions or service-defaults as the server gives it. What the server computes
// (Type, Precedence, Hash, the order of sources) and what does not touch access (descriptions) is left out of the items; the surface that
// the entry governs gets the realm.
func Normal(body json.RawMessage, realm string) (targets.Container, error) {
	e := &raw{body: body}
	if err := json.Unmarshal(body, &e.parsed); err != nil {
		return targets.Container{}, fmt.Errorf("decode a config entry: %w", err)
	}
	return normal(e, realm)
}

func normal(r *raw, realm string) (targets.Container, error) {
	e := &r.parsed
	c := targets.Container{
		Key:     targets.Key{Kind: e.Kind, Name: e.Name},
		Token:   r.token(),
		Body:    r.body,
		Owner:   ownerOf(e.Meta),
		Governs: []access.Surface{{Target: access.Consul, Realm: realm, Kind: Service, Name: e.Name}},
	}
	var err error
	switch e.Kind {
	case Intentions:
		c.Whole = true
		c.Residual = e.Meta[metaResidual] == "true"
		c.Items, err = intentionItems(e)
		if slices.ContainsFunc(e.Sources, func(s listedSource) bool { return !isNull(s.Permissions) }) {
			c.Requires = []targets.Key{{Kind: ServiceDefaults, Name: e.Name}}
		}
	case ServiceDefaults:
		if e.Protocol != "" {
			ours := c.Owner != targets.Owner{}
			c.Items = []targets.Item{{Key: protocolKey, Value: strings.ToLower(e.Protocol), Ours: ours}}
		}
	default:
		err = fmt.Errorf("%s/%s: a kind that the driver does not own", e.Kind, e.Name)
	}
	return c, err
}

func intentionItems(e *listed) ([]targets.Item, error) {
	items := make([]targets.Item, 0, len(e.Sources)+1)
	for i := range e.Sources {
		value, err := sourceValue(&e.Sources[i])
		if err != nil {
			return nil, fmt.Errorf("%s/%s: source %q: %w", e.Kind, e.Name, e.Sources[i].Name, err)
		}
		items = append(items, targets.Item{Key: liveSourceKey(e, &e.Sources[i]), Value: value, Ours: e.Meta[metaPolicy] != ""})
	}
	if !isNull(e.JWT) {
		text, err := canonical(e.JWT)
		if err != nil {
			return nil, fmt.Errorf("%s/%s: JWT: %w", e.Kind, e.Name, err)
		}
		items = append(items, targets.Item{Key: jwtKey, Value: text, Ours: e.Meta[metaPolicy] != ""})
	}
	slices.SortFunc(items, func(a, b targets.Item) int { return cmp.Compare(a.Key, b.Key) })
	return items, nil
}

// liveSourceKey tells sources apart as Consul does: by peer, sameness group, partition, namespace and name. A source of the entry's own
// namespace has the key that Compile gives it.
func liveSourceKey(e *listed, s *listedSource) string {
	key := sourceKey(s.Name)
	key += qualifier("peer", s.Peer)
	key += qualifier("sameness-group", s.SamenessGroup)
	if s.Partition != "" && s.Partition != cmp.Or(e.Partition, "default") {
		key += qualifier("partition", s.Partition)
	}
	if s.Namespace != "" && s.Namespace != cmp.Or(e.Namespace, "default") {
		key += qualifier("namespace", s.Namespace)
	}
	return key
}

func qualifier(word, value string) string {
	if value == "" {
		return ""
	}
	return " " + word + " " + strconv.Quote(value)
}

// sourceValue is an action, permissions spelled out, or their JSON where they say more than the compiler ever would.
func sourceValue(s *listedSource) (string, error) {
	if isNull(s.Permissions) {
		return s.Action, nil
	}
	if rules, ok := readRules(s.Permissions); ok {
		return spelledOut(rules), nil
	}
	text, err := canonical(s.Permissions)
	return "permissions " + text, err
}

func isNull(raw json.RawMessage) bool {
	return len(raw) == 0 || string(raw) == "null" || string(raw) == "[]"
}

// canonical prints JSON with sorted keys and without blanks, with methods as Consul keeps them. The order of permissions is part of
// their meaning, and stays.
func canonical(raw json.RawMessage) (string, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return "", err
	}
	upperMethods(v)
	text, err := json.Marshal(v)
	return string(text), err
}

func upperMethods(v any) {
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			upperMethods(element)
		}
	case map[string]any:
		for key, value := range v {
			if key == "Methods" {
				sortMethods(value)
				continue
			}
			upperMethods(value)
		}
	}
}

func sortMethods(v any) {
	methods, ok := v.([]any)
	if !ok {
		return
	}
	for i, m := range methods {
		if s, ok := m.(string); ok {
			methods[i] = strings.ToUpper(s)
		}
	}
	slices.SortFunc(methods, func(a, b any) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
}
