// Command build makes sure that the opa for the conformance tests exists, and prints its path. Make runs it before the
// tests, so that no test's time limit covers a build.
package main

import (
	"fmt"
	"os"

	"gatehouse/conformance/realopa"
)

func main() {
	path, err := realopa.Binary()
	if err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
	fmt.Println(path)
}
