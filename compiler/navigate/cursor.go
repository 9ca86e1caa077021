package navigate

import (
	"slices"
	"strings"

	"gatehouse/lang/schema"
)

// cursor is what is known of one place in native text.
type cursor struct {
	text    string
	word    Span // the bare word around the place, dots and all; in a quoted text all of the text
	before  string
	frames  []*frame // from the file inwards
	quote   bool     // inside of a quoted text
	silent  bool     // in a comment or heredoc
	phase   phase
	head    string // the statement's first word, when the place is not that word itself
	headAt  int
	labels  int      // that stand before the place
	behind  bool     // a value or a block ends before the place, on the same line, so that nothing can begin there
	objects string   // in an object: the key whose value stands here
	atKey   bool     // in an object: the place is a key
	path    []string // from the statement's value inwards: the keys of objects that the place is under; anyKey in a list
	of      string   // the name whose index stands right before the word, which is a part of it: ["key"].on
}

// phase says which part of a statement a place is in.
type phase uint8

const (
	atHead  phase = iota // the first word: an attribute's name or a block's type
	atLabel              // between a block's type and its brace
	atValue
)

// look reads the place around a cursor.
func look(text string, offset int) cursor {
	offset = min(max(offset, 0), len(text))
	c := cursor{text: text, word: wordAround(text, offset)}
	s := newScanner(text)
	s.run(c.word.Start)
	if s.indexed && s.namedTo == c.word.Start && strings.HasPrefix(text[c.word.Start:], ".") {
		c.of = s.named
	}
	if inside := s.top().kind == inQuote; inside {
		c.quote, c.word = true, s.textAround(offset)
		s.run(offset)
	}
	c.behind = !c.quote && c.of == "" && ends(text[:c.word.Start])
	c.silent = s.silent
	c.before = text[c.word.Start:max(offset, c.word.Start)]
	c.frames = slices.Clone(s.stack)
	if c.quote {
		c.frames = c.frames[:len(c.frames)-1]
	}
	c.place()
	if !c.silent {
		s.rest(c.outermost())
	}
	return c
}

// ends reports whether a text ends with what closes a value or a block.
func ends(text string) bool {
	text = strings.TrimRight(text, " \t")
	return text != "" && strings.ContainsRune("\"])}", rune(text[len(text)-1]))
}

// textAround returns the inside of the quoted text that is being read. A key that isn't closed ends with its index.
func (s *scanner) textAround(offset int) Span {
	ends := "\"\n\r"
	if s.stack[len(s.stack)-2].kind == inIndex {
		ends += "]"
	}
	if length := strings.IndexAny(s.text[offset:], ends); length >= 0 {
		return Span{s.top().start, offset + length}
	}
	return Span{s.top().start, len(s.text)}
}

// rest goes on until a block is closed, so that all that it holds is known.
func (s *scanner) rest(block *frame) {
	for s.at < len(s.text) && slices.Contains(s.stack, block) && !s.silent {
		next := strings.IndexByte(s.text[s.at:], '\n')
		if next < 0 {
			next = len(s.text) - s.at - 1
		}
		s.run(s.at + next + 1)
		s.silent = false
	}
}

func wordAround(text string, offset int) Span {
	w := Span{offset, offset}
	for w.Start > 0 && isWord(text[w.Start-1]) {
		w.Start--
	}
	for w.End < len(text) && isWord(text[w.End]) {
		w.End++
	}
	return w
}

// inner is what is open around the place, but for the quotes.
func (c *cursor) inner() *frame { return c.frames[len(c.frames)-1] }

// body is the innermost block, or the file.
func (c *cursor) body() *frame {
	for i := len(c.frames) - 1; i > 0; i-- {
		if c.frames[i].kind == inBody {
			return c.frames[i]
		}
	}
	return c.frames[0]
}

// outermost is the block of the top that the place is in, or the file.
func (c *cursor) outermost() *frame {
	if len(c.frames) > 1 && c.frames[1].kind == inBody {
		return c.frames[1]
	}
	return c.frames[0]
}

// place notes where in its statement the place is, before the scanner goes on.
func (c *cursor) place() {
	body := c.body()
	c.head, c.headAt, c.labels = body.head, body.headAt, len(body.labels)
	switch {
	case body.value:
		c.phase = atValue
	case body.head != "":
		c.phase = atLabel
	}
	for _, f := range c.frames[slices.Index(c.frames, body)+1:] {
		switch {
		case f.kind == inList:
			c.path = append(c.path, anyKey)
		case f.kind == inObject && f.value:
			c.path = append(c.path, f.head)
		}
	}
	if f := c.inner(); f.kind == inObject {
		c.objects, c.atKey = f.head, !f.value
	}
}

// schema returns the table's entry of the block that the place is in; at the top, one that holds all blocks.
func (c *cursor) schema() (*schema.Block, bool) {
	at := &schema.Block{Blocks: schema.File()}
	for _, f := range c.frames[1:] {
		if f.kind != inBody {
			continue
		}
		inner, ok := at.Block(f.blockType)
		if !ok {
			return nil, false
		}
		at = inner
	}
	return at, true
}

// attribute returns the table's entry of the attribute whose value the place is in.
func (c *cursor) attribute() (*schema.Attribute, bool) {
	s, ok := c.schema()
	if !ok || c.phase != atValue {
		return nil, false
	}
	return s.Attr(c.head)
}

// inside reports whether a frame of a kind is open in the current statement.
func (c *cursor) inside(kind frameKind) bool {
	for i := len(c.frames) - 1; i > 0 && c.frames[i].kind != inBody; i-- {
		if c.frames[i].kind == kind {
			return true
		}
	}
	return false
}
