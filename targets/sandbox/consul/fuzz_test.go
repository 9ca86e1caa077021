package consul

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"gatehouse/targets/sandbox"
)

// FuzzDecode holds for every body: it is refused, or its entry is stored, reads back as the same content, and written again as it was
// read it changes nothing that anybody can see.
func FuzzDecode(f *testing.F) {
	for _, body := range []string{
		``, `{`, `[]`, `null`, `{"Kind":"mesh"}`, `{"kind":"proxy-defaults","Config":{"protocol":["http"]}}`,
		`{"Kind":"service-intentions","Name":"web","Sources":[{"Name":"a","Action":"allow"},{"Name":"*","Action":"deny"}],"Meta":{"a":1}}`,
		`{"Kind":"service-intentions","Name":"web","Sources":[null]}`,
		`{"Kind":"service-intentions","Name":"web","JWT":{"Providers":[null]},"Sources":{"name":3,"Permissions":[{"HTTP":{"Methods":"get"}}]}}`,
		`{"Kind":"service-defaults","Name":"web","Protocol":"GRPC","UpstreamConfig":{"Overrides":[null]},"MaxInboundConnections":"7"}`,
		`{"Kind":"service-defaults","Name":"web","RateLimits":{},"EnvoyExtensions":[{}],"Destination":{"Addresses":[""],"Port":1e9}}`,
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		first, ok := store(t, body)
		if !ok {
			return
		}
		second, ok := store(t, string(first))
		if !ok {
			t.Fatalf("what was read is refused: %s", first)
		}
		if !bytes.Equal(first, second) {
			t.Errorf("read  %s\nagain %s", first, second)
		}
	})
}

// store writes a body to an empty double and returns what is read back.
func store(t *testing.T, body string) (json.RawMessage, bool) {
	e, err := decode(strings.NewReader(body))
	if err != nil || e.normalise() != nil || e.validate() != nil {
		return nil, false
	}
	s := sandbox.NewStore()
	for range 2 {
		if err := s.Update(func(tx *sandbox.Tx) error { _, err := put(tx, e, cas{}); return err }); err != nil {
			return nil, false
		}
	}
	var text json.RawMessage
	err = s.View(func(v *sandbox.View) error {
		if v.Index() != 2 {
			t.Errorf("the second write of one entry raised the index to %d", v.Index())
		}
		text = v.List("")[0].Value
		_, err := parse(e.kind(), text)
		return err
	})
	if err != nil {
		t.Errorf("what was stored can't be read: %v", err)
	}
	return text, true
}
