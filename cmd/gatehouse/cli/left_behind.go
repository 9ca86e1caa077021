package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"gatehouse/compiler/access"
	"gatehouse/targets"
)

// journalPath is where writes are recorded. What is written to the sandbox is recorded apart: the one says nothing of the other.
func (s *session) journalPath() string {
	if s.flags.sandbox {
		return filepath.Join(s.sandboxDir(), "journal.jsonl")
	}
	return filepath.Join(s.stateDir(), "journal.jsonl")
}

// leftBehind returns what the journal knows to be ours still in environments for which declared says no.
func (s *session) leftBehind(declared func(access.Environment) bool) ([]targets.Orphan, error) {
	f, err := os.Open(s.journalPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	defer f.Close()
	records, _, err := targets.ReadJournal(f)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range s.result.Graph.Environments {
		if declared(e) {
			names = append(names, e.Name)
		}
	}
	return targets.LeftBehind(records, s.name(), names), nil
}

// forgotten fails where an environment's block was deleted before what it owns: nothing would ever look there again. With --environment,
// only what is named is looked at.
func (s *session) forgotten() error {
	if len(s.flags.environments) > 0 {
		return nil
	}
	orphans, err := s.leftBehind(func(access.Environment) bool { return true })
	if err != nil || len(orphans) == 0 {
		return err
	}
	var parts []string
	for _, o := range orphans {
		const most = 3
		var names []string
		for _, k := range o.Containers[:min(most, len(o.Containers))] {
			names = append(names, k.String())
		}
		if more := len(o.Containers) - most; more > 0 {
			names = append(names, fmt.Sprintf("and %d more", more))
		}
		parts = append(parts, fmt.Sprintf("%q on %s (%s)", o.Environment, o.Target, strings.Join(names, ", ")))
	}
	return fmt.Errorf("the policy still owns objects in an environment that it declares no more: %s. Give it its old name back if it was renamed, or declare it again with retired = true and "+
		"apply (with --release, where closing denies stay that are to go too); then delete the block. The journal %s says what was written", strings.Join(parts, "; "), s.journalPath())
}

// retires reports whether the journal knows of objects in a retired environment: an apply without a change tells it that none is left.
func (s *session) retires() (bool, error) {
	orphans, err := s.leftBehind(func(e access.Environment) bool { return !e.Retired })
	return len(orphans) > 0, err
}
