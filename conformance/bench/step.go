package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"

	"gatehouse/compiler/evaluate"
	"gatehouse/compiler/resolve"
	"gatehouse/lang/syntax"
)

// runStep does one part of what check does, alone in its process, or only parses: the least that anybody could do.
func runStep(name, dir string) error {
	if name == "parse" {
		return parseAll(dir)
	}
	tree, _, diags, err := syntax.Load(os.DirFS(dir))
	if err != nil || diags.HasErrors() {
		return fmt.Errorf("load %s: %d diagnostics: %w", dir, len(diags), err)
	}
	if name == "load" {
		return nil
	}
	tree, diags = evaluate.Evaluate(tree, evaluate.Inputs{})
	if diags.HasErrors() {
		return fmt.Errorf("evaluate %s: %d diagnostics", dir, len(diags))
	}
	if _, diags = resolve.Resolve(tree); diags.HasErrors() {
		return fmt.Errorf("resolve %s: %d diagnostics", dir, len(diags))
	}
	return nil
}

// parseAll reads and parses every policy file, on all processors, and keeps nothing.
func parseAll(dir string) error {
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && syntax.IsPolicyFile(filepath.Base(path)) {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		return err
	}
	var next, wrong atomic.Int64
	var running sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		running.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(files); i = int(next.Add(1)) - 1 {
				if !parses(files[i]) {
					wrong.Add(1)
				}
			}
		})
	}
	running.Wait()
	if wrong.Load() > 0 {
		return fmt.Errorf("%d files can't be parsed", wrong.Load())
	}
	return nil
}

func parses(file string) bool {
	src, err := os.ReadFile(file)
	if err != nil {
		return false
	}
	var diags hcl.Diagnostics
	if strings.HasSuffix(file, syntax.JSONSuffix) {
		_, diags = json.Parse(src, file)
	} else {
		_, diags = hclsyntax.ParseConfig(src, file, hcl.InitialPos)
	}
	return !diags.HasErrors()
}
