package snapshot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"gatehouse/targets"
)

// conn answers for one site.
type conn struct{ site Site }

// ErrReadOnly says that a snapshot can't be written to.
var ErrReadOnly = errors.New("a snapshot is what was there once: nothing can be written to it")

// Write refuses.
func (*conn) Write(context.Context, targets.Change) (targets.Token, error) { return "", ErrReadOnly }

// Inspect returns what was read then. What the scope names and nobody asked for then is unknown.
func (c *conn) Inspect(_ context.Context, scope targets.Scope) (targets.Live, error) {
	live := targets.Live{Settings: c.site.Settings}
	known := map[targets.Key]bool{}
	for _, k := range c.site.Asked {
		known[k] = true
	}
	for _, recorded := range c.site.Containers {
		live.Containers = append(live.Containers, recorded.live())
		known[recorded.Key] = true
	}
	for _, o := range c.site.Context {
		o.Body = compact(o.Body)
		live.Context = append(live.Context, o)
		known[o.Key] = true
	}
	for _, u := range c.site.Unknown {
		live.Unknown = append(live.Unknown, targets.Unknown(u))
	}
	for _, k := range scope.Keys {
		if !known[k] {
			live.Unknown = append(live.Unknown, targets.Unknown{What: k.String(), Reason: "nobody asked for it when the snapshot was taken"})
		}
	}
	return live, nil
}

// compact takes the file's indentation out of a raw body.
func compact(body json.RawMessage) json.RawMessage {
	var b bytes.Buffer
	if len(body) == 0 || json.Compact(&b, body) != nil {
		return body
	}
	return b.Bytes()
}
