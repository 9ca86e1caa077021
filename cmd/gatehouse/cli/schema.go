package cli

import (
	"github.com/spf13/cobra"

	"gatehouse/lang/schema"
)

func schemaVerb(w world) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of .gate.json files",
		Long: `Prints the JSON Schema (draft 2020-12) of policy files in the JSON syntax, for editors and for programs that write such files. It is made of the
same table as the reader. A file may name it in a property "$schema" at its top.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := w.stdout.Write(schema.JSONSchema())
			return err
		},
	}
}
