package compiler

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/go-version"

	"gatehouse/lang/diag"
	"gatehouse/lang/syntax"
)

// unsupported returns the one diagnostic that there is of a policy whose required_version leaves this program out. Nothing else is said of
// such a policy: what seems wrong with it may be right in the version that it is written for. Text that is no constraint is reported
// beside everything else.
//
// A build that is no release (see IsRelease) satisfies every constraint. A pre-release counts as the release that it leads to, so that the
// next version can be tried on policies that ask for it; where a constraint names a pre-release itself, the two are compared as such.
func unsupported(root *syntax.Block, program string) (refused bool, diags diag.List) {
	if root == nil {
		return false, nil
	}
	attr, _ := root.Attr("required_version")
	wanted, ok := attr.Expr.(syntax.String)
	if !ok {
		return false, nil // absent, or reported
	}
	constraints, err := version.NewConstraint(wanted.Value)
	if err != nil || !signed(wanted.Value) {
		return false, diag.List{{
			Code: diag.InvalidValue, Severity: diag.Error, Subject: wanted.Range,
			Summary: fmt.Sprintf("%q is no version constraint", wanted.Value),
			Detail:  `Write a sign and a version, several joined by commas: ">= 0.3", or ">= 0.3, < 2.0", or "~> 0.3".`,
		}}
	}
	running, err := version.NewVersion(program)
	if err != nil || !IsRelease(program) {
		return false, nil
	}
	if !strings.Contains(constraints.String(), "-") {
		running = running.Core()
	}
	if constraints.Check(running) {
		return false, nil
	}
	return true, diag.List{{
		Code: diag.UnsupportedVersion, Severity: diag.Error, Subject: wanted.Range,
		Summary: fmt.Sprintf("this policy asks for Gatehouse %s, and this is %s", constraints, strings.TrimPrefix(program, "v")),
		Detail: "Install a version that the constraint takes in, or change the constraint if this one will do. " +
			"Nothing else of the policy was looked at.",
	}}
}

// constraint is a sign and a version of three numbers at most. Without a sign, whether that version alone is meant could be taken either way.
var constraint = regexp.MustCompile(`^\s*(=|!=|>=?|<=?|~>)\s*v?\d+(\.\d+){0,2}([-+][0-9A-Za-z.+-]+)?\s*$`)

// signed reports whether each of several constraints has its sign.
func signed(text string) bool {
	for part := range strings.SplitSeq(text, ",") {
		if !constraint.MatchString(part) {
			return false
		}
	}
	return true
}

// untagged is how Go versions a build of a commit that carries no version: https://go.dev/ref/mod#pseudo-versions.
var untagged = regexp.MustCompile(`[-.]\d{14}-[0-9a-f]{12}(\+.*)?$`)

// IsRelease reports whether a program's version is that of a release, or of a pre-release of one. A commit between releases and a build
// from changed sources are development builds, which no required_version refuses.
func IsRelease(program string) bool {
	_, err := version.NewSemver(program)
	return err == nil && !untagged.MatchString(program) && !strings.HasSuffix(program, "+dirty")
}
