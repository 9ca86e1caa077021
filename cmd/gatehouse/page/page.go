// Package page writes what is known of a policy as one self-contained HTML file: it opens from a disk, needs no server, and asks the network
// for nothing. It holds no meaning of its own: it lays out what view.Evidence holds. What the page can compute from that (filters, who reaches
// a chosen resource) its own script does.
//
// Everything that comes from a policy reaches the page as data, in a block that no browser runs, and is put there as text: a policy can't
// inject markup. The page's content policy allows its own script, by its hash, and nothing else.
package page

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"

	"gatehouse/cmd/gatehouse/view"
)

//go:embed page.html page.css page.js
var assets embed.FS

// Write writes the page. Equal evidence gives equal bytes.
func Write(w io.Writer, e view.Evidence) error {
	style, script, err := texts()
	if err != nil {
		return err
	}
	data, err := json.Marshal(newData(e)) // escapes <, > and &: no end tag can stand in it
	if err != nil {
		return fmt.Errorf("page: %w", err)
	}
	t, err := template.ParseFS(assets, "page.html")
	if err != nil {
		return fmt.Errorf("page: %w", err)
	}
	err = t.Execute(w, map[string]any{
		"Policy": e.Policy,
		"Style":  template.CSS(style),
		"Script": template.JS(script),
		"Data":   template.JS(data),
		"Hash":   hash(script),
	})
	if err != nil {
		return fmt.Errorf("page: %w", err)
	}
	return nil
}

func texts() (style, script []byte, err error) {
	if style, err = assets.ReadFile("page.css"); err != nil {
		return nil, nil, fmt.Errorf("page: %w", err)
	}
	if script, err = assets.ReadFile("page.js"); err != nil {
		return nil, nil, fmt.Errorf("page: %w", err)
	}
	return style, script, nil
}

// hash is how a content policy names a script that may run.
func hash(script []byte) template.HTMLAttr {
	sum := sha256.Sum256(script)
	return template.HTMLAttr("sha256-" + base64.StdEncoding.EncodeToString(sum[:]))
}
