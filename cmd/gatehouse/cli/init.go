package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/lang/addr"
	"gatehouse/lang/syntax"
)

func initVerb(w world) *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use:   "init [flags] [DIR]",
		Short: "Start a policy: a small one that passes check, to be changed",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return initPolicy(w, dirOf(args, 0), name)
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "the policy's name (default: the folder's)")
	return cmd
}

func initPolicy(w world, dir, name string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if name == "" {
		name = nameFrom(filepath.Base(dir))
	}
	if !addr.ValidName(name) {
		return fmt.Errorf("init: %q can't be a policy's name: use a-z, 0-9, - and _, a letter first", name)
	}
	if root, found, err := syntax.FindRoot(existing(dir)); err != nil {
		return err
	} else if found {
		return fmt.Errorf("init: %s is already in a policy, whose root is %s", shown(dir), shown(root))
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, file := range starter(name) {
		path := filepath.Join(dir, file.name)
		err := writeNew(path, file.text)
		switch {
		case errors.Is(err, fs.ErrExist) && file.name == ignoreFile:
			fmt.Fprintf(w.stdout, "kept %s: add the line .gatehouse/ to it\n", shown(path))
		case errors.Is(err, fs.ErrExist):
			return fmt.Errorf("init: %s exists already; nothing was overwritten", shown(path))
		case err != nil:
			return err
		default:
			fmt.Fprintf(w.stdout, "wrote %s\n", shown(path))
		}
	}
	_, err = fmt.Fprintf(w.stdout, "\nNext: gatehouse check%s, then gatehouse plan --sandbox%[1]s\n", suffix(shown(dir)))
	return err
}

// existing returns a folder, or the nearest one above it that is there already.
func existing(dir string) string {
	for {
		if _, err := os.Stat(dir); err == nil || filepath.Dir(dir) == dir {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

func suffix(dir string) string {
	if dir == "." {
		return ""
	}
	return " " + dir
}

func shown(path string) string {
	if short := shortPath(path); short != "" {
		return short
	}
	return "."
}

// writeNew never overwrites.
func writeNew(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// nameFrom makes a policy's name of a folder's.
func nameFrom(folder string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		default:
			return '-'
		}
	}, folder)
	name = strings.Trim(name, "-_0123456789")
	if name == "" {
		return "policy"
	}
	return name[:min(len(name), 63)]
}

const ignoreFile = ".gitignore"

type starterFile struct{ name, text string }

func starter(policy string) []starterFile {
	return []starterFile{
		{"policy.gate.hcl", fmt.Sprintf(starterPolicy, policy)},
		{ignoreFile, "# The sandbox's state and the local journal.\n.gatehouse/\n"},
	}
}

const starterPolicy = `gatehouse {
  policy = %q
  packs  = ["baseline"] # built-in guardrails
}

environment "prod" {
  tier = "production"

  consul {
    # address = "https://consul.example:8501" # left out: CONSUL_HTTP_ADDR, or the sandbox
    datacenter = "dc1"
  }
}

workload "trainer" {
  owner        = "ml@example.com"
  environments = [environment.prod]
  labels       = { stage = "training" }
}

group "training" {
  match = { stage = "training" }
}

feature_store "customer-features" {
  owner          = "features@example.com"
  classification = "internal"
  environments   = [environment.prod]

  online {
    protocol = "grpc"
  }
}

allow "training-reads-features" {
  from   = [group.training]
  to     = [feature_store.customer-features]
  reason = "nightly model training"
}
`
