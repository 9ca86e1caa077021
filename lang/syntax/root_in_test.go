package syntax

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestRoots(t *testing.T) {
	root, other := []byte("gatehouse {\n  policy = \"shop\"\n}\n"), []byte("workload \"gatehouse\" {}\n")
	files := fstest.MapFS{
		"shop/a.gate.hcl": {Data: root}, "shop/b.gate.hcl": {Data: other}, "shop/teams/c.gate.hcl": {Data: other},
		"deep/er/a.gate.json": {Data: []byte(`{"gatehouse": {"policy": "deep"}}`)},
		".hidden/a.gate.hcl":  {Data: root}, "not.hcl": {Data: root}, "broken/a.gate.hcl": {Data: []byte("gatehouse {")},
	}
	got, err := Roots(files)
	if diff := cmp.Diff([]string{"broken", "deep/er", "shop"}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}
