package syntax

import (
	"bytes"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"gatehouse/lang/schema"
)

// piece is a part of a native file that holds whole top-level items, and is parsed by itself. Pieces bound what the parser holds at a time,
// and what one mistake can spoil: a brace that isn't closed ends with its own block, because no block of a policy's top stands inside
// of another.
type piece struct {
	src   []byte
	start hcl.Pos
	odd   bool // holds something that the cutter doesn't vouch for: measure it before it is parsed
}

func (p piece) place(name string, at, size int) hcl.Range {
	local := place(p.src, name, at, size)
	local.Start.Byte += p.start.Byte
	local.End.Byte += p.start.Byte
	local.Start.Line += p.start.Line - 1
	local.End.Line += p.start.Line - 1
	return local
}

// slice returns the text of a range.
func (p piece) slice(at hcl.Range) string {
	return string(p.src[at.Start.Byte-p.start.Byte : at.End.Byte-p.start.Byte])
}

const pieceSize = 16 << 10

// cutter walks over native text without parsing it. It knows brackets, quoted texts, comments and plain heredocs, and where it is not sure
// of what follows (a template that holds texts, say) it gives up: the rest of the file is one odd piece. It never cuts where a valid
// file doesn't end an item.
type cutter struct {
	src    []byte
	size   int
	i      int
	line   int
	out    []piece
	from   hcl.Pos
	open   []byte // brackets that are open
	signs  int    // operators since the last line or comma: a chain of them nests in the parser's tree
	odd    bool
	torn   bool // a text isn't closed: take the next chance to begin anew
	gaveUp bool
}

// cut gives the pieces of a text, each at least size bytes long where it can be.
func cut(src []byte, size int) []piece {
	c := &cutter{src: src, size: size, line: 1, from: hcl.InitialPos, open: make([]byte, 0, maxNesting)}
	return c.cut()
}

// recut gives the items of a piece, each a piece of its own.
func recut(p piece) []piece {
	c := &cutter{src: p.src, size: 1, line: 1, from: hcl.InitialPos, open: make([]byte, 0, maxNesting)}
	out := c.cut()
	for i := range out {
		out[i].start.Line += p.start.Line - 1
		out[i].start.Byte += p.start.Byte
	}
	return out
}

func (c *cutter) cut() []piece {
	src := c.src
	c.i = len(byteOrderMark(src))
	for c.i < len(src) && !c.gaveUp {
		if ordinary[src[c.i]] {
			c.i++
			continue
		}
		c.step()
	}
	c.i = len(src)
	c.odd = c.odd || c.gaveUp
	c.finish()
	return c.out
}

// finish ends a piece before the current line.
func (c *cutter) finish() {
	if c.i > c.from.Byte {
		c.out = append(c.out, piece{src: c.src[c.from.Byte:c.i], start: c.from, odd: c.odd || len(c.open) > 0})
	}
	c.from = hcl.Pos{Line: c.line, Column: 1, Byte: c.i}
	c.open, c.signs, c.odd, c.torn = c.open[:0], 0, false, false
}

// ordinary are the bytes that say nothing about where an item ends.
var ordinary = func() (t [256]bool) {
	for b := range t {
		t[b] = !strings.ContainsRune("\n\"#/<([{)]},=:-*%$!?~&|+^;`'>", rune(b))
	}
	return t
}()

func (c *cutter) step() {
	ch := c.src[c.i]
	switch ch {
	case '\n':
		c.newline()
		return
	case '"':
		c.text()
		return
	case '#':
		c.lineComment()
		return
	case '/':
		c.slash()
		return
	case '<':
		c.heredoc()
		return
	case '(', '[', '{':
		c.bracket(ch)
	case ')', ']', '}':
		c.unbracket(ch)
	case ',':
		c.signs = 0
	case '=', ':', '-':
		c.sign()
	case '*', '%', '$', '!', '?', '~', '&', '|', '+', '^', ';', '`', '\'', '>':
		c.odd = true
	}
	c.i++
}

func (c *cutter) sign() {
	if c.signs++; c.signs > maxNesting/2 {
		c.odd = true
	}
}

func (c *cutter) bracket(ch byte) {
	if len(c.open) >= maxNesting/2 {
		c.odd = true
	}
	if ch == '{' && bytes.HasPrefix(bytes.TrimLeft(c.src[c.i+1:min(len(c.src), c.i+200)], " \t\r\n"), []byte("for")) {
		c.odd = true // lines don't count inside of a for expression
	}
	c.open = append(c.open, ch)
	c.sign()
}

var pairs = map[byte]byte{')': '(', ']': '[', '}': '{'}

func (c *cutter) unbracket(ch byte) {
	if n := len(c.open); n > 0 && c.open[n-1] == pairs[ch] {
		c.open = c.open[:n-1]
		return
	}
	c.odd = true
}

// newline cuts after a complete item, or where a new one surely begins.
func (c *cutter) newline() {
	c.i++
	c.line++
	if n := len(c.open); n == 0 || c.open[n-1] == '{' {
		c.signs = 0
	}
	if len(c.open) == 0 && c.i-c.from.Byte >= c.size || (len(c.open) > 0 || c.torn) && beginsItem(c.src[c.i:]) {
		c.finish()
	}
}

// beginsItem reports whether a line begins, without indentation, like a block of a policy's top: workload "x" {.
func beginsItem(line []byte) bool {
	end := bytes.IndexByte(line[:min(len(line), 40)], ' ')
	if end < 0 || end+1 >= len(line) || line[end+1] != '"' && line[end+1] != '{' {
		return false
	}
	_, ok := schema.Find(schema.File(), string(line[:end]))
	return ok
}

func (c *cutter) lineComment() {
	n := bytes.IndexByte(c.src[c.i:], '\n')
	if n < 0 {
		n = len(c.src) - c.i
	}
	c.i += n
}

func (c *cutter) slash() {
	rest := c.src[c.i:]
	switch {
	case bytes.HasPrefix(rest, []byte("//")):
		c.lineComment()
	case bytes.HasPrefix(rest, []byte("/*")):
		n := bytes.Index(rest[2:], []byte("*/"))
		if n < 0 {
			c.gaveUp = true
			return
		}
		c.line += bytes.Count(rest[:n+4], []byte{'\n'})
		c.i += n + 4
	default:
		c.odd = true
		c.i++
	}
}

// text steps over a quoted text. One that isn't closed on its line is a mistake; the parser's opinion of where it ends is taken when the
// piece is measured.
func (c *cutter) text() {
	signs := 0
	for c.i++; c.i < len(c.src); c.i++ {
		if plainText[c.src[c.i]] {
			continue
		}
		switch c.src[c.i] {
		case '"':
			c.i++
			return
		case '\n':
			c.odd, c.torn = true, true
			return
		case '\\':
			if c.i+1 < len(c.src) && c.src[c.i+1] != '\n' {
				c.i++
			}
		case '$', '%':
			if signs++; signs > maxLines/2 {
				c.odd = true // the lexer takes a text apart at these
			}
			if !c.interpolation() {
				c.gaveUp = true
				return
			}
		}
	}
	c.odd = true
}

// interpolation steps onto the end of ${name}, stays where a sign is just a sign, and is false where a closer look is needed.
func (c *cutter) interpolation() bool {
	rest := c.src[c.i:]
	if len(rest) < 2 {
		return false
	}
	if classes[rest[1]] != isSign && rest[1] < 0x80 || rest[1] == '.' || rest[1] == ',' {
		return true
	}
	if rest[0] != '$' || rest[1] != '{' {
		return false
	}
	for n, ch := range rest[2:] {
		switch {
		case ch == '}':
			c.i += n + 2
			return true
		case classes[ch] != isWord && ch != '.' || ch >= 0x80 || n > maxNesting:
			return false
		}
	}
	return false
}

// heredoc steps over <<EOT and its lines where they hold no template.
func (c *cutter) heredoc() {
	c.odd = true // its lines are counted
	rest := c.src[c.i:]
	if !bytes.HasPrefix(rest, []byte("<<")) {
		c.i++
		return
	}
	n := bytes.IndexByte(rest, '\n')
	if n < 0 {
		c.i++
		return
	}
	marker := bytes.TrimSuffix(bytes.TrimPrefix(rest[2:n], []byte("-")), []byte("\r"))
	if len(marker) > longestLine {
		c.gaveUp = true // whether it is one would be asked at each sign of the line
		return
	}
	if !hclsyntax.ValidIdentifier(string(marker)) {
		c.i++
		return
	}
	for at := n + 1; at < len(rest); {
		end := bytes.IndexByte(rest[at:], '\n')
		if end < 0 {
			break
		}
		line := rest[at : at+end]
		c.line++
		if bytes.Equal(bytes.TrimSpace(line), marker) {
			c.i += at + end // before the line's end, which ends the attribute
			return
		}
		if bytes.ContainsAny(line, "$%") {
			break
		}
		at += end + 1
	}
	c.gaveUp = true
}
