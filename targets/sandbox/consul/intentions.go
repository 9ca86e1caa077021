package consul

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// intentions is a service-intentions entry: who may connect to one destination.
type intentions struct {
	Kind    string
	Name    string
	Sources []*source
	JWT     *jwt              `json:",omitempty"`
	Meta    map[string]string `json:",omitempty"`
	stamp   `mapstructure:"-"`
}

type source struct {
	Name             string
	Action           string        `json:",omitempty"`
	Permissions      []*permission `json:",omitempty"`
	Precedence       int
	LegacyID         string `json:",omitempty" alias:"legacy_id"`
	Type             string
	Description      string            `json:",omitempty"`
	LegacyMeta       map[string]string `json:",omitempty" alias:"legacy_meta"`
	LegacyCreateTime *time.Time        `json:",omitempty" alias:"legacy_create_time"`
	LegacyUpdateTime *time.Time        `json:",omitempty" alias:"legacy_update_time"`
	Peer             string            `json:",omitempty"`
	SamenessGroup    string            `json:",omitempty" alias:"sameness_group"`
}

type permission struct {
	Action string
	HTTP   *httpPermission `json:",omitempty"`
	JWT    *jwt            `json:",omitempty"`
}

type httpPermission struct {
	PathExact  string             `json:",omitempty" alias:"path_exact"`
	PathPrefix string             `json:",omitempty" alias:"path_prefix"`
	PathRegex  string             `json:",omitempty" alias:"path_regex"`
	Header     []headerPermission `json:",omitempty"`
	Methods    []string           `json:",omitempty"`
}

type headerPermission struct {
	Name       string
	Present    bool   `json:",omitempty"`
	Exact      string `json:",omitempty"`
	Prefix     string `json:",omitempty"`
	Suffix     string `json:",omitempty"`
	Contains   string `json:",omitempty"`
	Regex      string `json:",omitempty"`
	Invert     bool   `json:",omitempty"`
	IgnoreCase bool   `json:",omitempty" alias:"ignore_case"`
}

type jwt struct {
	Providers []*jwtProvider `json:",omitempty"`
}

type jwtProvider struct {
	Name         string      `json:",omitempty"`
	VerifyClaims []*jwtClaim `json:",omitempty" alias:"verify_claims"`
}

type jwtClaim struct {
	Path  []string `json:",omitempty"`
	Value string   `json:",omitempty"`
}

const wildcard = "*"

func (e *intentions) kind() string { return kindIntentions }
func (e *intentions) name() string { return e.Name }

func (e *intentions) allowed(a access) demand { return demand{resourceIntention, a, e.Name} }

// errNull stands for where a real server drops the connection.
var errNull = errors.New("sandbox: null stands in a list of objects, on which Consul drops the connection")

func (e *intentions) normalise() error {
	e.Kind = kindIntentions
	for _, s := range e.Sources {
		if s == nil || slices.Contains(s.Permissions, nil) {
			return errNull
		}
		if s.Type == "" {
			s.Type = "consul"
		}
		s.Precedence = precedence(e.Name, s.Name)
		s.LegacyID, s.LegacyCreateTime, s.LegacyUpdateTime = "", nil, nil
		for _, p := range s.Permissions {
			if p.HTTP == nil {
				continue
			}
			for i, m := range p.HTTP.Methods {
				p.HTTP.Methods[i] = strings.ToUpper(m)
			}
		}
	}
	slices.SortStableFunc(e.Sources, func(a, b *source) int { return b.Precedence - a.Precedence })
	return nil
}

// precedence is the rank of an intention; the highest that matches decides alone
// (website: docs/secure-mesh/intention, "Precedence and match order"; namespaces are always exact here).
func precedence(destination, source string) int {
	p := 9
	if destination == wildcard {
		p = 6
	}
	if source == wildcard {
		p--
	}
	return p
}

// layer7 reports whether some source has permissions, so that the destination's protocol must be HTTP-like.
func (e *intentions) layer7() bool {
	return slices.ContainsFunc(e.Sources, func(s *source) bool { return len(s.Permissions) > 0 })
}

// providers are the names of the JWT providers that the entry refers to, in order and without repetition.
func (e *intentions) providers() []string {
	all := []*jwt{e.JWT}
	for _, s := range e.Sources {
		for _, p := range s.Permissions {
			all = append(all, p.JWT)
		}
	}
	var names []string
	for _, j := range all {
		if j == nil {
			continue
		}
		for _, p := range j.Providers {
			if !slices.Contains(names, p.Name) {
				names = append(names, p.Name)
			}
		}
	}
	return names
}
