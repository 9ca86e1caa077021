package diag

import (
	"embed"
	"io/fs"
	"strings"
)

// pages holds one file for each code, CODE.md: what is wrong and why it matters, then the sections Wrong and Right with a policy each, or
// Example where no policy can show it, and What to do. A policy without a gatehouse block is added to conformance/testdata/pages; a line
// -- NAME -- begins another file. A comment above the policy says how it is read, where that matters: # read by Gatehouse VERSION,
// # gatehouse check --var NAME=VALUE. A test gives every one of them to the compiler.
//
//go:embed pages
var pages embed.FS

// Page returns the page about a code, in Markdown. Every code of the catalogue has one.
func Page(c Code) (string, bool) {
	text, err := fs.ReadFile(pages, "pages/"+string(c)+".md")
	return string(text), err == nil
}

// Pages returns the codes that have a page, sorted.
func Pages() []Code {
	entries, err := fs.ReadDir(pages, "pages")
	if err != nil {
		return nil
	}
	var out []Code
	for _, e := range entries {
		out = append(out, Code(strings.TrimSuffix(e.Name(), ".md")))
	}
	return out
}
