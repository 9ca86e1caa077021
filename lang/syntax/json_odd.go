package syntax

import (
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
)

// gap steps over blanks and comments, and reports whether there was a comment.
func (p *jsonParser) gap() (commented bool) {
	for p.space(); (p.peek() == '/' || p.peek() == '#') && p.comment(); p.space() {
		commented = true
	}
	return commented
}

// comment steps over one, which JSON doesn't have; false: none stands here. Of several that follow each other the first is told.
func (p *jsonParser) comment() bool {
	size, left := 0, p.text[p.pos.Byte:]
	switch {
	case strings.HasPrefix(left, "/*"):
		n := strings.Index(p.text[p.pos.Byte+2:], "*/")
		if n < 0 {
			p.tear(p.place(p.pos, 2), "a comment is not closed", `JSON has no comments. Write a property instead: "//": "…".`)
			p.pos.Byte = len(p.src)
			return true
		}
		size = n + 4
	case strings.HasPrefix(left, "//"), left[0] == '#':
		size = len(strings.TrimRight(p.rest(), " \t"))
	default:
		return false
	}
	start := p.pos
	before := p.slips.comment
	alone := before == 0 || before <= start.Byte && strings.TrimSpace(p.text[before:start.Byte]) != ""
	p.moveTo(start.Byte + size)
	p.slips.unsure = p.slips.unsure || !paired(p.text[start.Byte:p.pos.Byte])
	p.slips.comment = p.pos.Byte
	if alone {
		p.slip(p.from(start), "JSON has no comments", `Write a property instead: "//": "…".`)
	}
	return true
}

// oddValue tells of what begins no value, and steps over a text in quotes of another kind.
func (p *jsonParser) oddValue() *node {
	if p.gap() {
		return p.value()
	}
	start := p.pos
	at := p.character(start)
	if quote := p.text[at.Start.Byte:at.End.Byte]; isOddQuote(quote) {
		summary, detail := oddQuoteMessage(quote)
		p.slip(at, summary, detail)
		if _, ok := p.oddText(); ok {
			return p.unread(start)
		}
	} else {
		line := start.Line
		if before := p.slips.comment; before > 0 && before <= start.Byte && strings.TrimSpace(p.text[before:start.Byte]) == "" {
			line = p.slips.noticed // it may stand in the comment
		}
		p.slipOn(line, at, "a JSON value is missing here", "A value begins with a brace, a bracket, a quote, a digit, true, false or null.")
	}
	p.stray()
	return p.unread(start)
}

// oddName tells of what is no name of a property, and gives the name where it is sure.
func (p *jsonParser) oddName() (name string, ok bool) {
	start := p.pos
	at := p.character(start)
	if quote := p.text[at.Start.Byte:at.End.Byte]; isOddQuote(quote) {
		summary, detail := oddQuoteMessage(quote)
		p.slip(at, summary, detail)
		name, ok = p.oddText()
		return name, ok && !strings.Contains(name, `"`) && p.colonFollows()
	}
	for c := p.peek(); classes[c] == isWord && c < 0x80; c = p.peek() {
		p.step()
	}
	if identifier(p.text[start.Byte:p.pos.Byte]) && p.colonFollows() {
		p.slip(p.from(start), "a name without quotes", `An object holds "name": value, with the name in double quotes.`)
		return p.text[start.Byte:p.pos.Byte], true
	}
	p.pos = start
	p.slip(at, "a property's name is missing", `An object holds "name": value, with the name in double quotes.`)
	return "", false
}

func (p *jsonParser) colonFollows() bool {
	rest := strings.TrimLeft(p.rest(), " \t")
	return rest != "" && (rest[0] == ':' || rest[0] == '=') && !strings.HasPrefix(rest, ":/")
}

// oddText steps over a text in quotes of another kind, if it is sure where it ends: on its line, before a sign or the line's end.
func (p *jsonParser) oddText() (text string, ok bool) {
	const most = 1000
	line := p.rest()
	_, open := utf8.DecodeRuneInString(line)
	for i, c := range line[:min(len(line), most)] {
		if i < open || c != '"' && !isOddQuote(string(c)) {
			continue
		}
		end := i + utf8.RuneLen(c)
		if behind := strings.TrimLeft(line[end:], " \t"); behind == "" || strings.IndexByte(",:=]}", behind[0]) >= 0 {
			p.moveTo(p.pos.Byte + end)
			return line[open:i], true
		}
	}
	return "", false
}

// oddColon tells what stands where a colon should behind a name, and steps over it; false: it isn't sure that what follows is the value.
func (p *jsonParser) oddColon(name hcl.Pos) bool {
	if p.gap() && p.peek() == ':' {
		p.step()
		return true
	}
	p.slipOn(name.Line, p.character(p.pos), "a colon is missing", `An object holds "name": value, with a colon between the two.`)
	switch c := p.peek(); {
	case c == '=':
		if p.step(); p.peek() == '>' {
			p.step()
		}
		return true
	default:
		p.slips.unsure = true
		return c == '{' || c == '['
	}
}

// tornText ends a text that isn't closed on its line. What stands behind it on the line belongs to it, unless brackets do that don't pair up.
func (p *jsonParser) tornText(start hcl.Pos) (string, bool) {
	detail := "A text ends with a double quote on the same line."
	if p.pos.Byte < len(p.src) {
		detail += ` A line break inside it is written \n.`
	}
	p.slip(p.place(start, 1), "a text is not closed", detail)
	p.lose(p.place(start, 1))
	if !paired(p.text[start.Byte:p.pos.Byte]) {
		p.giveUp()
	}
	p.loosen()
	return "", false
}

// loosen lets what follows do without a comma before it.
func (p *jsonParser) loosen() {
	p.slips.loose = len(p.src) - len(strings.TrimLeft(p.text[p.pos.Byte:], " \t\r\n"))
}

// paired reports whether the brackets in a piece of text close each other.
func paired(text string) bool {
	var open []byte
	for _, c := range []byte(text) {
		switch c {
		case '{', '[':
			open = append(open, c)
		case '}', ']':
			if len(open) == 0 || open[len(open)-1] != pairs[c] {
				return false
			}
			open = open[:len(open)-1]
		}
	}
	return len(open) == 0
}
