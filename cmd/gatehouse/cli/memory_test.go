package cli

import (
	"io/fs"
	"testing"
)

func TestTheHeapIsBoundedByTheContainer(t *testing.T) {
	newer, older := memoryLimits[0], memoryLimits[1]
	for _, test := range []struct {
		want  int64
		files map[string]string
	}{
		{heapBound, nil},
		{heapBound, map[string]string{newer: "max\n"}},
		{256 << 20, map[string]string{newer: "536870912\n"}},
		{heapBound, map[string]string{newer: "68719476736\n"}},
		{128 << 20, map[string]string{older: "268435456\n"}},
		{heapBound, map[string]string{older: "9223372036854771712\n"}},
		{heapBound, map[string]string{newer: "0\n", older: "nonsense"}},
	} {
		got := boundOf(func(name string) ([]byte, error) {
			if text, ok := test.files[name]; ok {
				return []byte(text), nil
			}
			return nil, fs.ErrNotExist
		})
		if got != test.want {
			t.Errorf("%v: %d, want %d", test.files, got, test.want)
		}
	}
}
