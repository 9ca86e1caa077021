package revision

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// maxBlob bounds what is kept of one file: more than any reader of policies accepts, so that it can tell that the file is too large.
const maxBlob = 32 << 20

// Files returns the files of a commit: all their names, and no contents yet.
func (r *Repository) Files(ctx context.Context, c Commit) (*Files, error) {
	list, err := r.git(ctx, nil, "ls-tree", "-r", "-z", "--full-tree", string(c))
	if err != nil {
		return nil, err
	}
	f := &Files{repository: r, entries: map[string]*entry{".": {mode: fs.ModeDir | 0o555}}}
	for record := range strings.SplitSeq(string(list), "\x00") {
		if record == "" {
			continue
		}
		name, e, err := parseRecord(record)
		if err != nil {
			return nil, err
		}
		f.add(name, e)
	}
	for _, e := range f.entries {
		slices.Sort(e.children)
	}
	return f, nil
}

// Fetch reads the contents of the files that keep wants, and of those that links among them lead to, by one process for all. Opening a file that
// nobody fetched fails.
func (f *Files) Fetch(ctx context.Context, keep func(name string) bool) error {
	var kept []string
	for name, e := range f.entries {
		if !e.mode.IsDir() && keep(name) {
			kept = append(kept, name)
		}
	}
	slices.Sort(kept)
	for range maxLinks {
		var wanted []*entry
		for _, name := range kept {
			_, e, err := f.follow(name)
			if errors.Is(err, errNotFetched) || err == nil && e.mode.IsRegular() && e.content == nil {
				wanted = append(wanted, e)
			}
		}
		if len(wanted) == 0 {
			return nil
		}
		if err := f.repository.fetch(ctx, wanted); err != nil {
			return err
		}
	}
	return nil
}

// parseRecord reads one record of ls-tree: MODE TYPE HASH, a tab, and the name as it is.
func parseRecord(record string) (string, *entry, error) {
	head, name, ok := strings.Cut(record, "\t")
	fields := strings.Fields(head)
	if !ok || len(fields) != 3 || !isHash(fields[2]) {
		return "", nil, fmt.Errorf("git ls-tree: %q is not understood", record)
	}
	e := &entry{hash: fields[2]}
	switch fields[0] {
	case "160000": // a submodule
		e.mode, e.hash = fs.ModeDir|0o555, ""
	case "120000":
		e.mode = fs.ModeSymlink | 0o777
	default:
		e.mode = 0o444
	}
	return name, e, nil
}

// add enters a file with the folders above it. A name that is no path, which a crafted tree can hold, is left out: nothing could open it.
func (f *Files) add(name string, e *entry) {
	if !fs.ValidPath(name) {
		return
	}
	f.entries[name] = e
	for name != "." {
		dir := path.Dir(name)
		above, there := f.entries[dir]
		if !there {
			above = &entry{mode: fs.ModeDir | 0o555}
			f.entries[dir] = above
		}
		above.children = append(above.children, path.Base(name))
		if there {
			return
		}
		name = dir
	}
}

// fetch reads the contents of entries: one process answers for all of them, in order.
func (r *Repository) fetch(ctx context.Context, wanted []*entry) error {
	var asked bytes.Buffer
	for _, e := range wanted {
		fmt.Fprintln(&asked, e.hash)
	}
	out, err := r.git(ctx, asked.Bytes(), "cat-file", "--batch")
	if err != nil {
		return err
	}
	answers := bufio.NewReader(bytes.NewReader(out))
	for _, e := range wanted {
		if err := e.read(answers); err != nil {
			return fmt.Errorf("git cat-file: object %s: %w", e.hash, err)
		}
	}
	return nil
}

// read takes one answer of cat-file: HASH TYPE SIZE, a line's end, the content, a line's end.
func (e *entry) read(answers *bufio.Reader) error {
	head, err := answers.ReadString('\n')
	if err != nil {
		return err
	}
	fields := strings.Fields(head)
	if len(fields) != 3 || fields[0] != e.hash || fields[1] != "blob" {
		return fmt.Errorf("it is %q", strings.TrimSpace(head))
	}
	if e.size, err = strconv.ParseInt(fields[2], 10, 64); err != nil {
		return err
	}
	kept := min(e.size, maxBlob)
	e.content = make([]byte, kept)
	if _, err := io.ReadFull(answers, e.content); err != nil {
		return err
	}
	_, err = io.CopyN(io.Discard, answers, e.size-kept+1)
	return err
}
