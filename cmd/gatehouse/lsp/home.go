package lsp

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"gatehouse/compiler/navigate"
	"gatehouse/lang/syntax"
)

// home returns the policy that a document belongs to, and its name in it. One that belongs to none is looked at alone. The caller holds
// the lock.
func (s *server) home(key string) (*policy, string) {
	if !filepath.IsAbs(key) {
		return s.policy(key, ""), looseName(key)
	}
	root := s.findRoot(filepath.Dir(key))
	if root == "" {
		return s.policy(key, ""), filepath.Base(key)
	}
	name, err := filepath.Rel(root, key)
	if err != nil {
		return s.policy(key, ""), filepath.Base(key)
	}
	return s.policy(root, root), filepath.ToSlash(name)
}

// looseName names a text that was never saved.
func looseName(uri string) string {
	name := strings.NewReplacer("/", "-", "\\", "-").Replace(strings.TrimPrefix(uri, "untitled:"))
	if syntax.IsPolicyFile(name) {
		return name
	}
	return "untitled" + syntax.NativeSuffix
}

// findRoot returns the root of the policy that a folder belongs to, or "": the nearest folder that holds a gatehouse block on the disk or
// in an unsaved text. A block that was deleted and not saved still counts: what is wrong then is said as that.
func (s *server) findRoot(dir string) string {
	root := ""
	if existing := existingFolder(dir); existing != "" {
		if found, ok, err := syntax.FindRoot(existing); err == nil && ok {
			root = found
		}
	}
	for _, d := range s.documents {
		if folder := filepath.Dir(d.key); d.root && filepath.IsAbs(d.key) && len(folder) > len(root) && isBelow(dir, folder) {
			root = folder
		}
	}
	return root
}

// existingFolder walks up to a folder that is on the disk.
func existingFolder(dir string) string {
	for {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return dir
		}
		above := filepath.Dir(dir)
		if above == dir {
			return ""
		}
		dir = above
	}
}

func isBelow(dir, folder string) bool {
	rel, err := filepath.Rel(folder, dir)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// policy returns the policy of a key, and begins one that isn't there yet.
func (s *server) policy(key, root string) *policy {
	p := s.policies[key]
	if p == nil {
		p = newPolicy(s, key, root)
		s.policies[key] = p
		go p.loop()
	}
	return p
}

// rehome finds every document's policy anew, after roots may have come or gone.
func (s *server) rehome() {
	for key, d := range s.documents {
		p, name := s.home(key)
		if p == d.policy && name == d.name {
			continue
		}
		moved := *d
		moved.policy, moved.name = p, name
		moved.file = sync.OnceValue(func() *navigate.File { return d.file().Renamed(name) })
		s.documents[key] = &moved
		d.policy.touch()
		p.touch()
	}
	s.retire()
}

// retire ends the policies that nobody looks at any more.
func (s *server) retire() {
	for key, p := range s.policies {
		used := slices.ContainsFunc(s.folders, func(folder string) bool { return p.root != "" && s.findRoot(folder) == p.root })
		for _, d := range s.documents {
			used = used || d.policy == p
		}
		if !used {
			delete(s.policies, key)
			p.end()
		}
	}
}

// addFolders begins the policies that workspace folders lie in. Policies that lie deeper begin when one of their files is opened.
func (s *server) addFolders(folders []workspaceFolder) {
	for _, f := range folders {
		path, ok := pathOf(f.URI)
		if !ok || slices.Contains(s.folders, path) {
			continue
		}
		s.folders = append(s.folders, path)
		if root := s.findRoot(path); root != "" {
			s.policy(root, root).touch()
		}
	}
}

func (s *server) foldersChanged(_ context.Context, p foldersParams) (none, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range p.Event.Removed {
		path, _ := pathOf(f.URI)
		s.folders = slices.DeleteFunc(s.folders, func(folder string) bool { return folder == path })
	}
	s.addFolders(p.Event.Added)
	s.retire()
	return nil, nil
}
