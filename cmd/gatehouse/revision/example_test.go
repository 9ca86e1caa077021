package revision_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"gatehouse/cmd/gatehouse/revision"
)

// repository makes a repository in which a file has changed since the last commit.
func repository() string {
	dir, _ := os.MkdirTemp("", "example-")
	file := filepath.Join(dir, "acme.gate.hcl")
	_ = os.WriteFile(file, []byte("as it was committed"), 0o600)
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"-c", "user.name=x", "-c", "user.email=x@y", "commit", "-q", "-m", "first"}} {
		_ = exec.Command("git", append([]string{"-C", dir}, args...)...).Run()
	}
	_ = os.WriteFile(file, []byte("as it is now"), 0o600)
	return dir
}

func ExampleRepository_Files() {
	ctx, dir := context.Background(), repository()
	defer os.RemoveAll(dir)
	r, err := revision.Open(ctx, dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	head, err := r.Resolve(ctx, "HEAD")
	if err != nil {
		fmt.Println(err)
		return
	}
	files, err := r.Files(ctx, head)
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = files.Fetch(ctx, func(string) bool { return true })
	text, _ := fs.ReadFile(files, "acme.gate.hcl")
	fmt.Println(string(text))
	// Output:
	// as it was committed
}
