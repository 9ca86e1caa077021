package consul

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"gatehouse/targets/sandbox"
)

// cas is the ?cas=N of a write.
type cas struct {
	given bool
	index uint64
}

func parseCAS(r *http.Request) (cas, error) {
	text := r.URL.Query().Get("cas")
	if text == "" {
		return cas{}, nil
	}
	index, err := strconv.ParseUint(text, 10, 64)
	return cas{true, index}, err
}

// putConfig is PUT /v1/config: upsert an entry. It answers true, or false where the cas failed.
func (c *Consul) putConfig(_ http.ResponseWriter, r *http.Request) ([]byte, error) {
	e, err := decode(r.Body)
	if err != nil {
		return nil, err
	}
	if err := enterpriseOnly(r); err != nil {
		return nil, err
	}
	check, err := parseCAS(r)
	if err != nil {
		return nil, err
	}
	token, err := c.resolve(r)
	if err != nil {
		return nil, err
	}
	if err := e.normalise(); err != nil {
		return nil, err
	}
	if err := e.validate(); err != nil {
		return nil, err
	}
	if err := token.need(e.allowed(write)); err != nil {
		return nil, err
	}
	var done bool
	err = c.store.Update(func(tx *sandbox.Tx) (err error) {
		done, err = put(tx, e, check)
		return err
	})
	return strconv.AppendBool(nil, done), err
}

// put writes an entry unless that changes nothing. Consul looks for a change before it looks at the cas, so that writing what is
// there succeeds even with a stale one.
func put(tx *sandbox.Tx, e entry, check cas) (bool, error) {
	k := key(e.kind(), e.name())
	record, exists := tx.Get(k)
	sum := digest(e)
	if exists && record.Sum == sum {
		return true, nil
	}
	var previous entry
	if exists {
		var err error
		if previous, err = parse(e.kind(), record.Value); err != nil {
			return false, err
		}
	}
	if check.given && check.index != record.Modified { // Modified is 0 where nothing exists
		return false, nil
	}
	s := &state{view: &tx.View, key: k, next: e}
	if err := s.check(e.kind(), e.name(), previous); err != nil {
		return false, err
	}
	created := tx.Next()
	if exists {
		created = record.Created
	}
	text, err := render(e, created, tx.Next())
	if err != nil {
		return false, err
	}
	tx.Put(sandbox.Record{Key: k, Value: text, Sum: sum, Created: created, Modified: tx.Next()})
	return true, nil
}

// config is GET and DELETE below /v1/config/.
func (c *Consul) config(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	kind, name, named := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v1/config/"), "/")
	switch {
	case r.Method == http.MethodDelete && !named:
		return nil, refuse(http.StatusNotFound, "Must provide both a kind and name to delete")
	case r.Method == http.MethodDelete:
		return c.deleteConfig(r, kind, name)
	case named:
		return c.getConfig(w, r, kind, name)
	}
	return c.listConfig(w, r, kind)
}

// deleteConfig answers {} to a plain deletion, whether or not there was anything, and true or false to one with a cas.
func (c *Consul) deleteConfig(r *http.Request, kind, name string) ([]byte, error) {
	e, err := newEntry(kind, name)
	if err != nil {
		if statusOf(err) == http.StatusInternalServerError {
			err = refuse(http.StatusBadRequest, "%v", err)
		}
		return nil, err
	}
	if err := enterpriseOnly(r); err != nil {
		return nil, err
	}
	check, err := parseCAS(r)
	if err != nil {
		return nil, err
	}
	token, err := c.resolve(r)
	if err != nil {
		return nil, err
	}
	if err := e.normalise(); err != nil {
		return nil, err
	}
	if err := token.need(e.allowed(write)); err != nil {
		return nil, err
	}
	var done bool
	err = c.store.Update(func(tx *sandbox.Tx) (err error) {
		done, err = remove(tx, e, check)
		return err
	})
	if !check.given {
		return []byte("{}"), err
	}
	return strconv.AppendBool(nil, done), err
}

func remove(tx *sandbox.Tx, e entry, check cas) (bool, error) {
	k := key(e.kind(), e.name())
	record, exists := tx.Get(k)
	if !exists {
		return true, nil
	}
	if check.given && check.index != record.Modified {
		return false, nil
	}
	previous, err := parse(e.kind(), record.Value)
	if err != nil {
		return false, err
	}
	s := &state{view: &tx.View, key: k}
	if err := s.check(e.kind(), e.name(), previous); err != nil {
		return false, err
	}
	tx.Delete(k)
	return true, nil
}

// getConfig answers one entry, or 404.
func (c *Consul) getConfig(w http.ResponseWriter, r *http.Request, kind, name string) ([]byte, error) {
	q, token, err := c.query(r)
	if err != nil {
		return nil, err
	}
	e, err := newEntry(kind, name)
	if err != nil {
		return nil, err
	}
	if err := token.need(e.allowed(read)); err != nil {
		return nil, err
	}
	page, err := c.await(r.Context(), q, func(v *sandbox.View) (page, error) {
		record, ok := v.Get(key(kind, name))
		return page{body: record.Value, index: v.Index(), missing: !ok}, nil
	})
	if err != nil {
		return nil, err
	}
	setMeta(w, page.index, false)
	if page.missing {
		return nil, refuse(http.StatusNotFound, "Config entry not found for %q / %q", kind, name)
	}
	return page.body, nil
}

// listConfig answers the entries of a kind, or of all kinds, that the token may read.
func (c *Consul) listConfig(w http.ResponseWriter, r *http.Request, kind string) ([]byte, error) {
	q, token, err := c.query(r)
	if err != nil {
		return nil, err
	}
	prefix := ""
	if kind != "" {
		if _, err := newEntry(kind, ""); err != nil {
			return nil, err
		}
		prefix = kind + "/"
	}
	if q.filter != "" && kind != kindDefaults {
		return nil, fmt.Errorf("filtering not supported for config entry kind=%s", kind)
	} else if q.filter != "" {
		return nil, refuse(http.StatusNotImplemented, "sandbox: filter is not modelled")
	}
	page, err := c.await(r.Context(), q, func(v *sandbox.View) (page, error) { return list(v, prefix, token) })
	if err != nil {
		return nil, err
	}
	setMeta(w, page.index, page.filtered && !token.anonymous())
	return page.body, nil
}

func list(v *sandbox.View, prefix string, token *holder) (page, error) {
	p := page{index: v.Index(), missing: true}
	var body bytes.Buffer
	body.WriteByte('[')
	for _, record := range v.List(prefix) {
		kind, _, _ := strings.Cut(record.Key, "/")
		if strings.HasPrefix(kind, apart) {
			continue
		}
		if token != nil {
			e, err := parse(kind, record.Value)
			if err != nil {
				return p, err
			}
			if token.need(e.allowed(read)) != nil {
				p.filtered = true
				continue
			}
		}
		if !p.missing {
			body.WriteByte(',')
		}
		p.missing = false
		body.Write(record.Value)
	}
	body.WriteByte(']')
	p.body = body.Bytes()
	return p, nil
}
