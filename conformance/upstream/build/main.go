// Command build makes sure that the programs that the tests use exist, and prints their paths. Make runs it before the tests, so that no test's
// time limit covers a build.
package main

import (
	"fmt"
	"os"

	"gatehouse/conformance/upstream"
)

func main() {
	for _, p := range upstream.Programs() {
		path, err := p.Binary()
		if err != nil {
			fmt.Fprintln(os.Stderr, "build:", err)
			os.Exit(1)
		}
		fmt.Println(path)
	}
}
