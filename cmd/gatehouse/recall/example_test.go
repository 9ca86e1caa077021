package recall_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing/fstest"
	"time"

	"gatehouse/cmd/gatehouse/recall"
)

// A run reads through a trace, and saves what it said. The next one asks first.
func Example() {
	dir, err := os.MkdirTemp("", "recall")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	store, err := recall.Open(filepath.Join(dir, "runs"))
	if err != nil {
		fmt.Println(err)
		return
	}
	files := fstest.MapFS{"a.txt": {Data: []byte("three words here")}}
	world := recall.World{Systems: map[string]fs.FS{"files": files}, Getenv: os.Getenv}
	key, now := recall.KeyOf("count", "v1"), time.Now()

	count := func() string {
		if m, ok := store.Load(key, now, world); ok {
			return "again: " + string(m.Stdout)
		}
		trace := recall.NewTrace()
		text, _ := fs.ReadFile(trace.FS("files", files), "a.txt")
		said := fmt.Sprint(len(text), " bytes")
		if err := store.Save(key, trace, recall.Memory{Stdout: []byte(said)}); err != nil {
			return err.Error()
		}
		return said
	}
	fmt.Println(count())
	fmt.Println(count())
	files["a.txt"].Data = []byte("now four words here")
	fmt.Println(count())
	// Output:
	// 16 bytes
	// again: 16 bytes
	// 19 bytes
}
