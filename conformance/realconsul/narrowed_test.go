package realconsul_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gatehouse/compiler/access"
)

// This file decides about requests by edges alone: it reads the canonical text of a narrowing, which therefore says all there is to say.

// reached is what edges say of a request.
type reached int

const (
	refused reached = iota
	allowed
	unknown
)

func (r reached) String() string { return []string{"refused", "allowed", "unknown"}[r] }

// told says what edges into a destination say of a request. An edge that is not known leaves it open.
func told(edges []access.Edge, destination string, a asked) reached {
	best := refused
	for _, e := range edges {
		if e.To != surface(destination) || !e.Speaks(principal(a.source)) {
			continue
		}
		switch {
		case strings.HasPrefix(e.Requests, "unknown: "):
			return unknown
		case narrowed(e.Requests, a):
			best = allowed
		}
	}
	return best
}

// narrowed says whether a request is of a narrowing.
func narrowed(text string, a asked) bool {
	if text == "" {
		return true
	}
	p := &phrase{words: wordsOf(text)}
	if p.take("in") {
		p.want("order:")
		return p.inOrder(a)
	}
	yes, token := p.pattern(a)
	yes = yes && token
	if p.take("except") {
		for {
			matched, _ := p.pattern(a)
			yes = yes && !matched
			if !p.take(";") {
				break
			}
		}
	}
	p.end()
	return yes
}

// inOrder reads clauses. Who lacks the token of the first that matches is refused where it allows, and let through where it denies.
func (p *phrase) inOrder(a asked) bool {
	decided, yes := false, false
	for {
		if p.take("else") {
			if last := p.verdict(); !decided {
				yes = last
			}
			p.end()
			return yes
		}
		allows := p.verdict()
		matched, token := p.pattern(a)
		if matched && !decided {
			decided, yes = true, allows == token
		}
		p.want(";")
	}
}

func (p *phrase) verdict() bool {
	if p.take("allow") {
		return true
	}
	p.want("deny")
	return false
}

// pattern reads METHODS PATH, headers and tokens: whether the request is meant, and whether it has a token that is asked for.
func (p *phrase) pattern(a asked) (matched, token bool) {
	methods := p.word()
	matched = methods == "*" || slices.Contains(strings.Split(methods, ","), a.method)
	switch kind := p.word(); kind {
	case "*":
	case "exact":
		matched = p.word() == a.path && matched
	case "prefix":
		matched = strings.HasPrefix(a.path, p.word()) && matched
	case "regex":
		matched = whole(p.word(), a.path) && matched
	default:
		panic("a path of kind " + kind)
	}
	for p.take("header") {
		matched = p.header(a) && matched
	}
	token = true
	if p.take("with") {
		token = p.token(a)
		for p.take("and") {
			token = p.token(a) && token
		}
	}
	return matched, token
}

func whole(pattern, text string) bool {
	return regexp.MustCompile(`^(?:` + pattern + `)$`).MatchString(text)
}

func (p *phrase) header(a asked) bool {
	value, present := a.headers[p.word()]
	invert := p.take("not")
	if p.take("present") {
		return present != invert
	}
	how, want := p.word(), p.word()
	if p.take("in") {
		p.want("any")
		p.want("case")
		value, want = strings.ToLower(value), strings.ToLower(want)
	}
	is := map[string]func(string, string) bool{
		"is":       func(v, w string) bool { return v == w },
		"begins":   strings.HasPrefix,
		"ends":     strings.HasSuffix,
		"contains": strings.Contains,
		"regex":    func(v, w string) bool { return whole(w, v) },
	}[how]
	return present && is(value, want) != invert
}

// token reads "token of PROVIDER with CLAIM is VALUE with … or …".
func (p *phrase) token(a asked) bool {
	p.want("token")
	p.want("of")
	any := false
	for {
		claims, ok := a.token[p.word()]
		for p.take("with") {
			value, present := claims[p.word()]
			p.want("is")
			ok = p.word() == value && present && ok
		}
		any = any || ok
		if !p.take("or") {
			return any
		}
	}
}

// phrase is a text in words.
type phrase struct {
	words []string
	at    int
}

// wordsOf splits a text: quoted words lose their quotes, and a ";" is a word of its own. A quoted word is marked, so that it is never taken for one
// that says something.
func wordsOf(text string) []string {
	var out []string
	for text = strings.TrimLeft(text, " "); text != ""; text = strings.TrimLeft(text, " ") {
		if quoted, err := strconv.QuotedPrefix(text); err == nil {
			plain, _ := strconv.Unquote(quoted)
			out, text = append(out, "\x00"+plain), text[len(quoted):]
			continue
		}
		if text[0] == ';' {
			out, text = append(out, ";"), text[1:]
			continue
		}
		end := strings.IndexAny(text, " ;")
		if end < 0 {
			end = len(text)
		}
		out, text = append(out, text[:end]), text[end:]
	}
	return out
}

func (p *phrase) word() string {
	if p.at == len(p.words) {
		panic(fmt.Sprintf("%q ends early", p.words))
	}
	p.at++
	return strings.TrimPrefix(p.words[p.at-1], "\x00")
}

func (p *phrase) take(word string) bool {
	if p.at < len(p.words) && p.words[p.at] == word {
		p.at++
		return true
	}
	return false
}

func (p *phrase) want(word string) {
	if !p.take(word) {
		panic(fmt.Sprintf("%q: want %s at %d", p.words, word, p.at))
	}
}

func (p *phrase) end() {
	if p.at < len(p.words) {
		panic(fmt.Sprintf("%q goes on after %d", p.words, p.at))
	}
}
