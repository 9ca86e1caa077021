package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"gatehouse/cmd/gatehouse/page"
	"gatehouse/cmd/gatehouse/view"
	"gatehouse/compiler/access"
	"gatehouse/lang/diag"
	"gatehouse/lang/syntax"
	"gatehouse/targets/drift"
)

func reportVerb(w world) *cobra.Command {
	var flags common
	var live bool
	var out string
	cmd := &cobra.Command{
		Use:   "report [flags] [DIR]",
		Short: "Write the page that a reviewer reads, or the evidence for an audit",
		Long: `Writes everything that is known of a policy: who may reach what, what the guardrails find and which controls they map to, what is waived,
what ends, and, with --live, --sandbox or --snapshot, how the world differs. --format html is one file that opens from a disk, without a
server or a network; markdown and json are for archives. The exit code is that of check.`,
		Example: "  gatehouse report --format html --out report.html\n  gatehouse report --format markdown --snapshot live.snapshot.json --out evidence.md",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return report(cmd.Context(), w, flags, live, dirOf(args, 0), out)
		},
	}
	flags.exactly(cmd, "html", "markdown", "json")
	flags.moment(cmd)
	flags.variables(cmd)
	flags.remote(cmd)
	flags.kept(cmd)
	cmd.Flags().BoolVar(&live, "live", false, "look at what is out there, and report drift")
	cmd.Flags().StringVar(&out, "out", "", "the file to write; left out, standard output")
	cmd.MarkFlagsMutuallyExclusive("live", "snapshot", "sandbox")
	return cmd
}

func report(ctx context.Context, w world, flags common, live bool, dir, out string) error {
	s, err := open(w, flags, dir)
	if err != nil {
		return err
	}
	defer s.close()
	findings, err := s.examine(ctx)
	if err != nil {
		return err
	}
	if err := s.tell(findings.All(), !reportable(findings.Diagnostics)); err != nil {
		return err
	}
	e, err := s.evidence(findings)
	if err != nil {
		return err
	}
	if live || flags.sandbox || flags.snapshot != "" {
		if err := s.addDrift(ctx, &e, questioned{live: live}.of(flags)); err != nil {
			return err
		}
	}
	write := func(to io.Writer) error { return writeEvidence(to, flags.format, e) }
	if out == "" || out == "-" {
		err = write(w.stdout)
	} else if err = writeFile(out, write); err != nil {
		err = fmt.Errorf("report: %w", err)
	}
	if err != nil {
		return err
	}
	return code(findingsCode(findings))
}

// reportable reports whether a policy is known well enough to report on: whose tests fail, a reviewer wants to read of all the same.
func reportable(list diag.List) bool {
	return !slices.ContainsFunc(list, func(d diag.Diagnostic) bool { return d.Severity == diag.Error && d.Code != diag.FailedTest })
}

// evidence is what is known without asking anybody.
func (s *session) evidence(f view.Findings) (view.Evidence, error) {
	digest, err := syntax.Digest(os.DirFS(s.root))
	if err != nil {
		return view.Evidence{}, fmt.Errorf("report: %w", err)
	}
	f.Source = s.result.Sources.Bytes
	e := view.Evidence{Findings: f, Version: s.w.version, Digest: digest, Tests: access.RunTests(s.result.Graph, s.at), Omissions: s.omissions()}
	e.Coverage = access.CoverageOf(s.result.Graph, e.Tests)
	return e, nil
}

func (s *session) addDrift(ctx context.Context, e *view.Evidence, of string) error {
	sites, err := s.connected(ctx)
	if err != nil {
		return err
	}
	found, err := drift.Look(ctx, sites, s.result.Graph, s.at, drift.Options{})
	if err != nil {
		return err
	}
	e.Drift, e.DriftOf = &found, of
	return nil
}

func writeEvidence(to io.Writer, format string, e view.Evidence) error {
	switch format {
	case "json":
		return view.JSON(to, e.Document())
	case "markdown":
		view.EvidenceMarkdown(to, e)
		return nil
	default:
		return page.Write(to, e)
	}
}
