package resolve

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/lang/syntax"
)

// pattern is a request with the place that says most about it.
type pattern struct {
	request model.Request
	at      hcl.Range
}

// requests reads the http blocks of a rule or test into canonical order, with the place of each; nil where there are none. Every path of a block goes
// with all of its methods.
func (r *resolver) requests(d *declaration) ([]model.Request, []hcl.Range) {
	blocks := d.block.Children("http")
	if len(blocks) == 0 {
		return nil, nil
	}
	of := d.title()
	var all []pattern
	before := len(r.diags)
	for _, b := range blocks {
		all = append(all, r.http(b, of)...)
	}
	sure := !halfRead(d.block) && !r.diags[before:].HasErrors()
	if len(all) > maxPatterns {
		r.error(diag.OverLimit, all[maxPatterns].at, fmt.Sprintf("%s names more than %d patterns of requests", of, maxPatterns),
			"No mesh would take as many. Join them to prefixes, or let the service itself judge its requests.")
		all = all[:maxPatterns]
	}
	slices.SortStableFunc(all, func(a, b pattern) int { return model.CompareRequest(a.request, b.request) })
	if sure {
		r.shadowed(all, of)
	}
	var out []model.Request
	var at []hcl.Range
	for i, p := range all {
		if i == 0 || p.request != all[i-1].request {
			out, at = append(out, p.request), append(at, p.at)
		}
	}
	return out, at
}

// maxPatterns bounds the patterns of one rule, as the access graph bounds those between two ends.
const maxPatterns = 256

// longestPath bounds a path or an expression in bytes: no proxy takes paths that are much longer.
const longestPath = 2048

func (r *resolver) http(b *syntax.Block, of string) []pattern {
	written := slices.ContainsFunc([]string{"methods", "paths", "prefixes", "regexes"}, func(name string) bool { return hasAttr(b, name) })
	if !written && !b.Partial {
		r.error(diag.MissingAttribute, b.Decl, fmt.Sprintf("an http block of %s says nothing about requests", of),
			"Name methods, paths, prefixes or regexes; without the block every request is meant.")
		return nil
	}
	methods := r.methods(b, of)
	var out []pattern
	for _, kind := range []struct {
		attr  string
		kind  model.PathKind
		check func(model.Text)
	}{
		{"paths", model.PathExact, r.path}, {"prefixes", model.PathPrefix, r.path}, {"regexes", model.PathRegex, r.expression},
	} {
		for _, t := range r.filled(b, kind.attr, of) {
			if len(t.Value) > longestPath {
				r.invalidValue(t, fmt.Sprintf("a path of more than %d bytes", longestPath), "Write a prefix of it.")
				continue
			}
			kind.check(t)
			next := pattern{model.Request{Methods: methods, Kind: kind.kind, Path: t.Value}, t.Range}
			if kind.kind == model.PathPrefix && t.Value == "/" {
				next.request.Kind, next.request.Path = model.PathAny, "" // every path begins with a slash
			}
			out = append(out, next)
		}
	}
	if len(out) == 0 {
		at := b.Decl
		if a, ok := b.Attr("methods"); ok {
			at = a.Range
		}
		out = append(out, pattern{model.Request{Methods: methods}, at})
	}
	return out
}

// filled reads a list of an http block, which must not be empty where it stands: nobody means every request by naming none.
func (r *resolver) filled(b *syntax.Block, name, of string) []model.Text {
	list, ok := r.texts(b, name)
	if a, written := b.Attr(name); ok && written && isEmpty(a.Expr) {
		r.error(diag.EmptyList, a.Expr.Where(), fmt.Sprintf("an http block of %s names no %s", of, name),
			fmt.Sprintf("Name at least one, or leave %s out.", name))
	}
	return list
}

// methods returns a block's methods as text; empty for every one.
func (r *resolver) methods(b *syntax.Block, of string) string {
	var out []string
	known := model.Methods()
	for _, t := range r.filled(b, "methods", of) {
		upper := strings.ToUpper(t.Value)
		switch {
		case slices.Contains(known, t.Value):
			out = append(out, t.Value)
		case slices.Contains(known, upper):
			r.invalidValue(t, fmt.Sprintf("%q is not a method", t.Value), fmt.Sprintf("Methods are written in capitals: %q.", upper))
			r.mendText(t, upper)
		case t.Value == "*":
			r.invalidValue(t, `"*" is not a method`, "Leave methods out for every method.")
		default:
			hint := ""
			if near := diag.Nearest(upper, known); near != "" {
				hint = fmt.Sprintf("Did you mean %q? ", near)
			}
			r.invalidValue(t, fmt.Sprintf("%q is not a method", t.Value), hint+"A method is one of "+diag.Listed(known, "and")+".")
			r.mendText(t, diag.Sure(upper, known))
		}
	}
	slices.Sort(out)
	return strings.Join(out, ",")
}

// path checks a path or prefix.
func (r *resolver) path(t model.Text) {
	switch {
	case strings.Contains(t.Value, "://"):
		r.invalidValue(t, fmt.Sprintf("%q is a URL, not a path", clipped(t.Value)), "Only the path of a request is compared. Write it from the slash behind the host on.")
	case t.Value == "*":
		r.invalidValue(t, `"*" is not a path`, "Leave paths, prefixes and regexes out for every path.")
	case strings.HasPrefix(t.Value, "local."), strings.HasPrefix(t.Value, "var."), strings.HasPrefix(t.Value, "each."):
		r.invalidValue(t, fmt.Sprintf("%q is not a path", clipped(t.Value)), fmt.Sprintf("Quoted, it is a text. What it stands for is \"${%s}\".", clipped(t.Value)))
	case !strings.HasPrefix(t.Value, "/"):
		r.invalidValue(t, fmt.Sprintf("%q is not a path", clipped(t.Value)), fmt.Sprintf("A path begins with a slash: %q.", "/"+clipped(t.Value)))
		r.mendText(t, "/"+t.Value)
	case strings.ContainsAny(t.Value, "?#"):
		r.invalidValue(t, fmt.Sprintf("the path %q holds a query or a fragment", clipped(t.Value)),
			"Only the path of a request is compared. Write it up to the question mark.")
	case strings.ContainsFunc(t.Value, func(c rune) bool { return c <= ' ' || c == 0x7f }):
		r.invalidValue(t, fmt.Sprintf("the path %q holds a blank or a control character", clipped(t.Value)), "No request has such a path. Write it as it stands in a URL.")
	default:
		r.wildcard(t)
		if want := model.NormalPath(t.Value); want != t.Value {
			r.warn(diag.UnnormalisedPath, t.Range, fmt.Sprintf("no normalised path is %q", clipped(t.Value)),
				fmt.Sprintf("Proxies compare a path after they have normalised it, so that what is asked for as this arrives as %q. Write that.", clipped(want)))
		}
	}
}

// wildcard warns of a path that is written as a pattern of another language. In a deny it would take nothing, and leave everything open.
func (r *resolver) wildcard(t model.Text) {
	at := strings.IndexAny(t.Value, "*{")
	if at < 0 {
		return
	}
	remedy := "Write a prefix, or a regex for whole paths, such as regexes = [\"/v1/[^/]+/status\"]."
	if rest := strings.Trim(t.Value[at:], "*"); rest == "" && at > 0 {
		remedy = fmt.Sprintf("For all paths that begin so, write prefixes = [%q].", clipped(t.Value[:at]))
	}
	r.warn(diag.LiteralWildcard, t.Range, fmt.Sprintf("%q in a path stands for itself", t.Value[at:at+1]), "Paths and prefixes are compared letter by letter. "+remedy)
}

// expression checks a regular expression. Go's syntax is RE2's, which Envoy uses (\C, which matches a byte, is refused by both).
func (r *resolver) expression(t model.Text) {
	if t.Value == "" {
		r.invalidValue(t, "a regex is empty", "It would match no path. Delete it, or write an expression for whole paths, such as \"/v[0-9]+/.*\".")
		return
	}
	compiled, err := regexp.Compile(strings.TrimPrefix(t.Value, "^"))
	if err != nil {
		problem := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		r.invalidValue(t, fmt.Sprintf("%q is not an RE2 expression", clipped(t.Value)),
			fmt.Sprintf("%s. RE2 has no look-around and no back-references; in a text of the policy a backslash is written \\\\.", problem))
		return
	}
	if begin, _ := compiled.LiteralPrefix(); begin != "" && begin[0] != '/' {
		r.invalidValue(t, fmt.Sprintf("%q matches no path", clipped(t.Value)), "It is compared with the whole of a path, which begins with a slash.")
	}
}

// shadowed warns of patterns that another pattern of the same rule covers. They are sorted.
func (r *resolver) shadowed(all []pattern, of string) {
	told := make([]bool, len(all))
	for i, p := range all {
		for j, wider := range all {
			same := wider.request == p.request
			if i == j || same && j > i || !wider.request.Covers(p.request) {
				continue
			}
			summary := fmt.Sprintf("%s covers %s already", wider.request, p.request)
			if same {
				summary = fmt.Sprintf("%s stands twice in %s", p.request, of)
			}
			r.warn(diag.ShadowedRequest, p.at, summary, "It adds nothing. Delete it, or narrow the other one.", diag.Related{Message: "the other", Range: wider.at})
			told[i] = true
			break
		}
	}
	r.shadowedTogether(all, told)
}

// shadowedTogether warns of patterns that no other one of the same rule covers, but several do: each some of the methods. Those that are told of
// already cover nothing.
func (r *resolver) shadowedTogether(all []pattern, told []bool) {
	for i, p := range all {
		var others []model.Request
		var related []diag.Related
		for j, wider := range all {
			if i != j && !told[j] && wider.request.CoversPath(p.request) && !wider.request.Disjoint(p.request) {
				others = append(others, wider.request)
				related = append(related, diag.Related{Message: "covers some of its methods", Range: wider.at})
			}
		}
		if told[i] || !p.request.CoveredBy(others) {
			continue
		}
		told[i] = true
		r.warn(diag.ShadowedRequest, p.at, fmt.Sprintf("other patterns together cover %s already", p.request), "It adds nothing. Delete it, or narrow the others.", related...)
	}
}

// narrowable reports the ends of a rule with http blocks that don't speak HTTP.
func (r *resolver) narrowable(d *declaration, to []model.Ref) {
	blocks := d.block.Children("http")
	if len(blocks) == 0 {
		return
	}
	narrowing := diag.Related{Message: "narrowed to requests here", Range: blocks[0].Decl}
	for _, ref := range to {
		store := r.declared[addr.FeatureStore][ref.Addr.Name]
		switch {
		case ref.Addr.Kind == addr.Secret:
			r.error(diag.NotHTTP, ref.Range, fmt.Sprintf("%s isn't reached by HTTP requests of the mesh", ref.Addr),
				"A secret is read or not. Put it into a rule of its own, without http.", narrowing)
		case ref.Addr.Surface == addr.Offline:
			r.error(diag.NotHTTP, ref.Range, fmt.Sprintf("%s isn't reached by HTTP requests of the mesh", ref.Addr),
				"A dataset is read or written. Put it into a rule of its own, without http.", narrowing)
		case ref.Addr.Surface == "" && store.block.Child("offline") != nil:
			r.error(diag.NotHTTP, ref.Range, fmt.Sprintf("%s means its offline surface, too, which takes no HTTP requests", ref.Addr),
				fmt.Sprintf("Write %s.", ref.Addr.On(addr.Online)), narrowing)
		default:
			r.speaksHTTP(ref, store, narrowing)
		}
	}
}

func (r *resolver) speaksHTTP(ref model.Ref, store *declaration, narrowing diag.Related) {
	online := store.block.Child("online")
	switch {
	case r.unsure(store) || online != nil && online.Partial:
		return // not understood, and reported
	case online == nil:
		r.error(diag.NotHTTP, ref.Range, fmt.Sprintf("%s has no online surface", store.addr),
			"Requests are made to an online surface. Add an online block to the store, or take the store out of the rule.", narrowing)
		return
	}
	protocol, written := r.text(online, "protocol")
	at := protocol.Range
	switch {
	case !written && hasAttr(online, "protocol") || model.SpeaksHTTP(protocol.Value):
		return
	case !written:
		protocol.Value, at = "tcp, since it doesn't say otherwise", online.Decl
	}
	r.error(diag.NotHTTP, ref.Range, fmt.Sprintf("%s speaks %s", store.addr.On(addr.Online), protocol.Value),
		"Only HTTP can be narrowed to requests. Set protocol = \"http\", \"http2\" or \"grpc\" in the store's online block, if it does speak it; otherwise delete the http block.",
		narrowing, diag.Related{Message: "its online surface", Range: at})
}
