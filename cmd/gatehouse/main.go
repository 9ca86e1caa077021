// Command gatehouse compiles a policy of who may reach which feature store and which secret, proves what it compiled, applies it,
// and reports every way in which reality differs. The verbs are in package cli; nothing is decided here.
package main

import (
	"os"

	"gatehouse/cmd/gatehouse/cli"
)

func main() { os.Exit(cli.Main()) }
