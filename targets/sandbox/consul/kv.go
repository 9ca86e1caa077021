package consul

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"gatehouse/targets/sandbox"
)

// maxValue bounds a value of the key-value store: Consul's kv_max_value_size, unless it is configured.
const maxValue = 512 << 10

// kv is GET, PUT and DELETE below /v1/kv/.
func (c *Consul) kv(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	name, err := keyName(strings.TrimPrefix(r.URL.Path, "/v1/kv/"))
	if err != nil {
		return nil, err
	}
	switch r.Method {
	case http.MethodPut:
		return c.putKey(w, r, name)
	case http.MethodDelete:
		return c.deleteKey(w, r, name)
	}
	if r.URL.Query().Has("keys") {
		return c.listKeys(w, r, name)
	}
	return c.getKey(w, r, name)
}

// keyName cleans a key as a path is cleaned, but for the slash at its end, and refuses what looks like an attempt to leave it.
func keyName(raw string) (string, error) {
	if raw == "" {
		return "", nil
	}
	name := path.Clean(raw)
	if strings.HasSuffix(raw, "/") && !strings.HasSuffix(name, "/") {
		name += "/"
	}
	if strings.HasPrefix(name, " ") || strings.HasSuffix(name, " ") {
		return "", errors.New("invalid key name, leading/trailing spaces are not allowed")
	}
	if slices.Contains(strings.Split(name, "/"), "..") {
		return "", errors.New("invalid key name, path traversal is not allowed")
	}
	if decoded, err := url.PathUnescape(name); err == nil && decoded != name {
		switch {
		case strings.Contains(decoded, ".."):
			return "", errors.New("invalid key name, path traversal is not allowed")
		case strings.Contains(decoded, " "):
			return "", errors.New("invalid key name, leading/trailing spaces are not allowed")
		}
	}
	return name, nil
}

var errNoKey = refuse(http.StatusBadRequest, "Missing key name")

// getKey answers one key, or with recurse those that begin with a prefix; 404 where there is none.
func (c *Consul) getKey(w http.ResponseWriter, r *http.Request, name string) ([]byte, error) {
	q, token, err := c.query(r)
	if err != nil {
		return nil, err
	}
	if r.URL.Query().Has("recurse") {
		page, err := c.await(r.Context(), q, func(v *sandbox.View) (page, error) { return tree(v, name, token) })
		return answerKeys(w, page, err)
	}
	if name == "" {
		return nil, errNoKey
	}
	if err := token.need(demand{resourceKey, read, name}); err != nil {
		return nil, err
	}
	var found pair
	page, err := c.await(r.Context(), q, func(v *sandbox.View) (p page, err error) {
		var ok bool
		if found, ok, err = getPair(v, name); err != nil || !ok {
			return page{index: tableIndex(v, keyTable), missing: true, exact: true}, err
		}
		p = page{index: found.ModifyIndex, exact: true}
		p.body, err = json.Marshal([]pair{found})
		return p, err
	})
	if err == nil && !page.missing && r.URL.Query().Has("raw") {
		page.body = found.Value
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Content-Security-Policy", "sandbox")
	}
	return answerKeys(w, page, err)
}

func answerKeys(w http.ResponseWriter, p page, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	setMeta(w, p.index, p.filtered)
	if p.missing {
		return nil, refuse(http.StatusNotFound, "")
	}
	return p.body, nil
}

// listKeys answers the names of the keys that begin with a prefix, up to a separator where one is given.
func (c *Consul) listKeys(w http.ResponseWriter, r *http.Request, prefix string) ([]byte, error) {
	q, token, err := c.query(r)
	if err != nil {
		return nil, err
	}
	values := r.URL.Query()
	separator := values.Get("separator")
	if !values.Has("separator") {
		separator = values.Get("seperator") // Consul's first spelling of it
	}
	page, err := c.await(r.Context(), q, func(v *sandbox.View) (page, error) {
		pairs, filtered, err := visible(v, prefix, token)
		if err != nil {
			return page{}, err
		}
		names := []string{}
		for _, p := range pairs {
			name := p.Key
			if at := strings.Index(name[len(prefix):], separator); separator != "" && at >= 0 {
				name = name[:len(prefix)+at+len(separator)]
			}
			if !slices.Contains(names[max(0, len(names)-1):], name) {
				names = append(names, name)
			}
		}
		body, err := json.Marshal(names)
		return page{body: body, index: listIndex(v, prefix), missing: len(names) == 0 && prefix != "", filtered: filtered, exact: true}, err
	})
	page.filtered = page.filtered && !token.anonymous()
	return answerKeys(w, page, err)
}

func tree(v *sandbox.View, prefix string, token *holder) (page, error) {
	pairs, filtered, err := visible(v, prefix, token)
	if err != nil {
		return page{}, err
	}
	body, err := json.Marshal(pairs)
	return page{body: body, index: listIndex(v, prefix), missing: len(pairs) == 0, filtered: filtered && !token.anonymous(), exact: true}, err
}

// visible returns the keys with a prefix that the token may read, and whether there are others.
func visible(v *sandbox.View, prefix string, token *holder) (pairs []pair, filtered bool, err error) {
	for _, record := range v.List(keyTable + prefix) {
		var p pair
		if err := json.Unmarshal(record.Value, &p); err != nil {
			return nil, false, fmt.Errorf("stored key: %w", err)
		}
		if token.need(demand{resourceKey, read, p.Key}) != nil {
			filtered = true
			continue
		}
		pairs = append(pairs, p)
	}
	return pairs, filtered, nil
}

// putKey is PUT: set, or compare and swap, acquire, release. It answers true, or false where the condition did not hold.
func (c *Consul) putKey(w http.ResponseWriter, r *http.Request, name string) ([]byte, error) {
	_, token, err := c.query(r)
	if err != nil {
		return nil, err
	}
	if name == "" {
		return nil, errNoKey
	}
	values := r.URL.Query()
	if err := conflicting(values, "cas", "acquire", "release"); err != nil {
		return nil, err
	}
	put := putting{pair: pair{Key: name}}
	if values.Has("flags") {
		if put.pair.Flags, err = strconv.ParseUint(values.Get("flags"), 10, 64); err != nil {
			return nil, err
		}
	}
	if put.cas, err = keyCAS(values); err != nil {
		return nil, err
	}
	put.acquire, put.release = values.Has("acquire"), values.Has("release")
	put.pair.Session = values.Get("acquire") + values.Get("release")
	if put.pair.Value, err = value(r); err != nil {
		return nil, err
	}
	if err := token.need(demand{resourceKey, write, name}); err != nil {
		return nil, err
	}
	var done bool
	err = c.store.Update(func(tx *sandbox.Tx) (err error) {
		done, err = put.do(tx, c.now())
		return err
	})
	return strconv.AppendBool(nil, done), err
}

// keyCAS reads ?cas=N; unlike config entries' it may not be empty.
func keyCAS(values url.Values) (cas, error) {
	if !values.Has("cas") {
		return cas{}, nil
	}
	index, err := strconv.ParseUint(values.Get("cas"), 10, 64)
	return cas{true, index}, err
}

func conflicting(values url.Values, flags ...string) error {
	found := slices.DeleteFunc(flags, func(f string) bool { return !values.Has(f) })
	if len(found) < 2 {
		return nil
	}
	return refuse(http.StatusBadRequest, "Conflicting flags: %v\n", values.Encode())
}

// value reads a value, and no more than a value may hold.
func value(r *http.Request) ([]byte, error) {
	if r.ContentLength > maxValue {
		return nil, refuse(http.StatusRequestEntityTooLarge, "Request body(%d bytes) too large, max size: %d bytes. See %s.", r.ContentLength,
			maxValue, "https://developer.hashicorp.com/docs/agent/config/config-files#kv_max_value_size")
	}
	if r.ContentLength == 0 {
		return nil, nil // which reads back as null
	}
	text, err := io.ReadAll(io.LimitReader(r.Body, maxValue+2))
	if len(text) > maxValue+1 {
		return nil, refuse(http.StatusRequestEntityTooLarge, "Request body too large. Max allowed is %d bytes.", maxValue)
	}
	return text, err
}

// deleteKey is DELETE: of one key, or with recurse of all that begin with a prefix. It answers true whether or not there was anything,
// and false where a cas did not hold.
func (c *Consul) deleteKey(_ http.ResponseWriter, r *http.Request, name string) ([]byte, error) {
	_, token, err := c.query(r)
	if err != nil {
		return nil, err
	}
	values := r.URL.Query()
	if err := conflicting(values, "recurse", "cas"); err != nil {
		return nil, err
	}
	recurse := values.Has("recurse")
	if name == "" && !recurse {
		return nil, errNoKey
	}
	check, err := keyCAS(values)
	if err != nil {
		return nil, err
	}
	if recurse {
		err = token.needPrefix(name)
	} else {
		err = token.need(demand{resourceKey, write, name})
	}
	if err != nil {
		return nil, err
	}
	done := true
	err = c.store.Update(func(tx *sandbox.Tx) (err error) {
		if recurse {
			deleteTree(tx, name)
			return nil
		}
		done, err = deletePair(tx, name, check)
		return err
	})
	return strconv.AppendBool(nil, done), err
}
