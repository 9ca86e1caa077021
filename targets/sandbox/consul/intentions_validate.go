package consul

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// The limits of Meta and of descriptions, in bytes but for the count of pairs.
const (
	maxMetaPairs = 64
	maxMetaKey   = 128
	maxMetaValue = 512
)

func validateMeta(meta map[string]string) error {
	var all problems
	if len(meta) > maxMetaPairs {
		all.add("Meta exceeds maximum element count %d", maxMetaPairs)
	}
	for _, k := range sortedKeys(meta) {
		if len(k) > maxMetaKey {
			all.add("Meta key %q exceeds maximum length %d", k, maxMetaKey)
		}
		if len(meta[k]) > maxMetaValue {
			all.add("Meta value for key %q exceeds maximum length %d", k, maxMetaValue)
		}
	}
	return all.err()
}

func (e *intentions) validate() error {
	if e.Name == "" {
		return errors.New("Name is required")
	}
	if err := validateName("Name", "name", e.Name); err != nil {
		return err
	}
	if err := e.JWT.validate(); err != nil {
		return err
	}
	if err := validateMeta(e.Meta); err != nil {
		return err
	}
	if len(e.Sources) == 0 {
		return errors.New("At least one source is required")
	}
	seen := map[[2]string]bool{}
	for i, s := range e.Sources {
		if err := e.validateSource(i, s); err != nil {
			return err
		}
		id := [2]string{s.Peer, s.Name}
		if seen[id] && s.Peer != "" {
			return fmt.Errorf("Sources[%d] defines peer(%q) %q more than once", i, s.Peer, s.Name)
		} else if seen[id] {
			return fmt.Errorf("Sources[%d] defines %q more than once", i, s.Name)
		}
		seen[id] = true
	}
	return nil
}

// validateName refuses a "*" that does not stand alone.
func validateName(field, what, name string) error {
	if what == "name" && name != wildcard && strings.Contains(name, wildcard) {
		return fmt.Errorf("%s: wildcard character '*' cannot be used with partial values", field)
	}
	if what != "name" && strings.Contains(name, wildcard) {
		return fmt.Errorf("%s: cannot use wildcard '*' in %s", field, what)
	}
	return nil
}

func (e *intentions) validateSource(i int, s *source) error {
	at := fmt.Sprintf("Sources[%d].", i)
	if s.Name == "" {
		return errors.New(at + "Name is required")
	}
	if s.SamenessGroup != "" {
		return errors.New(at + "SamenessGroup: Sameness groups are a Consul Enterprise feature. ")
	}
	if err := validateName(at+"Name", "name", s.Name); err != nil {
		return err
	}
	if err := validateName(at+"Peer", "peer", s.Peer); err != nil {
		return err
	}
	if len(s.Description) > maxMetaValue {
		return fmt.Errorf("%sDescription exceeds maximum length %d", at, maxMetaValue)
	}
	if len(s.LegacyMeta) > 0 {
		return errors.New(at + "LegacyMeta must be omitted")
	}
	s.LegacyMeta = nil
	if err := e.validateAction(at, s); err != nil {
		return err
	}
	if s.Type != "consul" {
		return errors.New(at + "Type must be set to 'consul'")
	}
	for j, p := range s.Permissions {
		if err := p.validate(fmt.Sprintf("%sPermissions[%d].", at, j)); err != nil {
			return err
		}
	}
	return nil
}

func (e *intentions) validateAction(at string, s *source) error {
	switch {
	case len(s.Permissions) == 0:
		return validateAction(at, s.Action)
	case s.Action != "":
		return errors.New(at + "Action must be omitted if Permissions are specified")
	case e.Name == wildcard:
		return errors.New(at + "Permissions cannot be specified on intentions with wildcarded destinations")
	}
	return nil
}

func validateAction(at, action string) error {
	if action != "allow" && action != "deny" {
		return errors.New(at + "Action must be set to 'allow' or 'deny'")
	}
	return nil
}

func (p *permission) validate(at string) error {
	if err := validateAction(at, p.Action); err != nil {
		return err
	}
	at += "HTTP"
	if p.HTTP == nil {
		return errors.New(at + " is required")
	}
	h := p.HTTP
	if err := h.validatePath(at); err != nil {
		return err
	}
	for k, header := range h.Header {
		if err := header.validate(fmt.Sprintf("%s.Header[%d]", at, k)); err != nil {
			return err
		}
	}
	if err := validateMethods(at, h.Methods); err != nil {
		return err
	}
	if h.PathExact+h.PathPrefix+h.PathRegex == "" && len(h.Header) == 0 && len(h.Methods) == 0 {
		return errors.New(at + " should not be empty")
	}
	return p.JWT.validate()
}

func (h *httpPermission) validatePath(at string) error {
	if h.PathExact != "" && h.PathExact[0] != '/' {
		return fmt.Errorf("%s.PathExact doesn't start with '/': %q", at, h.PathExact)
	}
	if h.PathPrefix != "" && h.PathPrefix[0] != '/' {
		return fmt.Errorf("%s.PathPrefix doesn't start with '/': %q", at, h.PathPrefix)
	}
	if filled(h.PathExact, h.PathPrefix, h.PathRegex) > 1 {
		return errors.New(at + " should only contain at most one of PathExact, PathPrefix, or PathRegex")
	}
	return nil
}

func (h headerPermission) validate(at string) error {
	if h.Name == "" {
		return errors.New(at + " missing required Name field")
	}
	n := filled(h.Exact, h.Regex, h.Prefix, h.Suffix, h.Contains)
	if h.Present {
		n++
	}
	if n != 1 {
		return errors.New(at + " should only contain one of Present, Exact, Prefix, Suffix, Contains, or Regex")
	}
	if h.IgnoreCase && (h.Present || h.Regex != "") {
		return errors.New(at + " should set one of Exact, Prefix, Suffix, or Contains when using IgnoreCase")
	}
	return nil
}

func filled(values ...string) int {
	n := 0
	for _, v := range values {
		if v != "" {
			n++
		}
	}
	return n
}

var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
	http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace,
}

func validateMethods(at string, given []string) error {
	for i, m := range given {
		if !slices.Contains(methods, m) {
			return fmt.Errorf("%s.Methods contains an invalid method %q", at, m)
		}
		if slices.Contains(given[:i], m) {
			return fmt.Errorf("%s.Methods contains %q more than once", at, m)
		}
	}
	return nil
}

func (j *jwt) validate() error {
	if j == nil {
		return nil
	}
	var all problems
	for _, p := range j.Providers {
		if p == nil {
			return errNull
		}
		if p.Name == "" {
			all.add("JWT provider name is required")
		}
	}
	return all.err()
}
