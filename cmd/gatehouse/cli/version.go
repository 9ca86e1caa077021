package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"gatehouse/compiler"
)

func versionVerb(w world) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			note := ""
			if !compiler.IsRelease(w.version) {
				note = "a development build: it reads policies whatever their required_version says\n"
			}
			_, err := fmt.Fprintf(w.stdout, "gatehouse %s %s %s/%s\n%s", w.version, runtime.Version(), runtime.GOOS, runtime.GOARCH, note)
			return err
		},
	}
}

// version is the module's version where the program was installed by one, and else the commit it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return "commit " + setting.Value
		}
	}
	return "devel"
}
