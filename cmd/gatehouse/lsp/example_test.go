package lsp_test

import (
	"context"
	"fmt"
	"os"

	"gatehouse/cmd/gatehouse/lsp"
)

// An editor starts the server and speaks with it; one that goes without a word leaves the exit code 1.
func ExampleServe() {
	nobody, editor, err := os.Pipe()
	if err != nil {
		return
	}
	editor.Close()
	fmt.Println(lsp.Serve(context.Background(), nobody, os.Stdout, lsp.Options{Pause: lsp.Pause, Log: os.Stderr}))
	// Output: 1
}
