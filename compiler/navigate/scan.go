package navigate

import (
	"regexp"
	"slices"
	"strings"

	"gatehouse/lang/schema"
)

// frameKind is what a stretch of text is inside of.
type frameKind uint8

const (
	inBody     frameKind = iota // of a file or a block
	inObject                    // { } as a value
	inList                      // [ ]
	inIndex                     // [ ] right behind a name or an index: workload.x["key"]
	inParens                    // ( )
	inQuote                     // " "
	inTemplate                  // ${ } or %{ }
)

// frame is one thing that is open around a place. What is in it keeps being noted after the place was passed, so that a block's later
// attributes are known as well.
type frame struct {
	kind   frameKind
	start  int    // of what is inside
	head   string // of a body's or object's current statement: its first word; of an index: the name before it
	headAt int
	value  bool     // the statement's sign has passed
	labels []string // of the current statement, before its value or brace

	blockType string   // of a body: which block it is; empty for the file
	label     string   // its label
	attrs     []mark   // of a body or object: the names that are set, and where
	blocks    []header // of a body: the blocks in it
	words     []string // of a list: the bare words and texts in it, references with their indexes
}

type mark struct {
	name string
	at   int
}

type header struct{ blockType, label string }

func (f *frame) statement() { f.head, f.headAt, f.value, f.labels = "", 0, false, nil }

func (f *frame) has(name string, but int) bool {
	return slices.ContainsFunc(f.attrs, func(m mark) bool { return m.name == name && m.at != but })
}

// scanner walks through native text and keeps what is open. It understands no more than brackets, quotes, comments and the first words
// of lines, and never fails: a text that isn't closed ends with its line, a bracket that isn't closed where the next attribute begins, a
// brace where the next block begins at the margin.
type scanner struct {
	text   string
	at     int
	stack  []*frame
	silent bool // in a comment or heredoc that reaches beyond the place where the scan was to stop

	named   string // the name that ends at namedTo, which an index or a part of it may follow
	namedTo int
	indexed bool // an index stands between the two
}

func newScanner(text string) *scanner {
	return &scanner{text: text, stack: []*frame{{kind: inBody}}}
}

func (s *scanner) top() *frame { return s.stack[len(s.stack)-1] }

func (s *scanner) push(f *frame) { s.stack = append(s.stack, f) }

// popTo closes everything inside of the innermost frame of one of the kinds, and returns that frame.
func (s *scanner) popTo(kinds ...frameKind) *frame {
	for len(s.stack) > 1 && !slices.Contains(kinds, s.top().kind) {
		s.stack = s.stack[:len(s.stack)-1]
	}
	return s.top()
}

// closes pops the innermost frame of one of the kinds, if one is open inside of the nearest body, and returns it.
func (s *scanner) closes(kinds ...frameKind) *frame {
	for i := len(s.stack) - 1; i > 0 && s.stack[i].kind != inBody; i-- {
		if f := s.stack[i]; slices.Contains(kinds, f.kind) {
			s.stack = s.stack[:i]
			return f
		}
	}
	return nil
}

// run goes on to an offset, and leaves the stack as it is there.
func (s *scanner) run(until int) {
	for s.at < until && !s.silent {
		if s.top().kind == inQuote {
			s.quoted(until)
			continue
		}
		s.token(until)
	}
}

// quoted reads the inside of a quoted text, up to its end, a template's beginning or the end of the line.
func (s *scanner) quoted(until int) {
	for s.at < until {
		switch c := s.text[s.at]; {
		case c == '\\':
			s.at += 2
		case c == '"':
			s.endQuote()
			s.at++
			return
		case c == '\n':
			s.endQuote()
			return
		case (c == '$' || c == '%') && strings.HasPrefix(s.text[s.at+1:], "{") && (s.at == 0 || s.text[s.at-1] != c):
			s.at += 2
			s.push(&frame{kind: inTemplate, start: s.at})
			return
		default:
			s.at++
		}
	}
}

// endQuote closes a text, and notes it as the label, the key or the element that it is.
func (s *scanner) endQuote() {
	text := s.text[s.top().start:s.at]
	at := s.top().start
	s.stack = s.stack[:len(s.stack)-1]
	f := s.top()
	switch {
	case f.kind == inBody && !f.value && f.head != "":
		f.labels = append(f.labels, text)
	case f.kind == inObject && !f.value:
		f.head, f.headAt = text, at
	case f.kind == inList:
		f.words = append(f.words, text)
	}
}

var heredoc = regexp.MustCompile(`^<<-?([\pL_][\pL\pN_-]*)\r?\n`)

// token reads one sign, word or comment outside of texts.
func (s *scanner) token(until int) {
	rest := s.text[s.at:]
	switch c := rest[0]; {
	case c == '#' || strings.HasPrefix(rest, "//"):
		s.skip(strings.IndexByte(rest, '\n'), until, true)
	case strings.HasPrefix(rest, "/*"):
		s.skip(after(rest, "*/", 2), until, false)
	case c == '<' && heredoc.MatchString(rest):
		s.skip(heredocEnd(rest), until, true)
	case c == '\n':
		s.endLine()
		s.at++
	case isWord(c):
		s.word()
	default:
		s.sign(c, rest)
		s.at++
	}
}

// after returns the offset behind a sign, -1 where there is none.
func after(text, sign string, from int) int {
	i := strings.Index(text[from:], sign)
	if i < 0 {
		return -1
	}
	return from + i + len(sign)
}

func heredocEnd(rest string) int {
	found := heredoc.FindStringSubmatch(rest)
	at := len(found[0])
	for at < len(rest) {
		line, _, more := strings.Cut(rest[at:], "\n")
		if strings.TrimSpace(line) == found[1] {
			return at + len(line)
		}
		if !more {
			break
		}
		at += len(line) + 1
	}
	return -1
}

// skip passes over what is no text of the policy. A place inside of it is silent, and its end too where one still writes in it there.
func (s *scanner) skip(length, until int, endInside bool) {
	if length < 0 {
		length, endInside = len(s.text)-s.at, true
	}
	s.at += length
	s.silent = s.at > until || endInside && s.at == until
}

// endLine ends the statement of a body, and of an object.
func (s *scanner) endLine() {
	if f := s.top(); f.kind == inBody || f.kind == inObject {
		f.statement()
	}
}

func isWord(c byte) bool {
	return c == '_' || c == '-' || c == '.' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

var (
	assigns = regexp.MustCompile(`^[ \t]*=([^=>]|$)`)
	opens   = regexp.MustCompile(`^([ \t]+"[^"\n]*")*[ \t]*\{`)
	labels  = regexp.MustCompile(`^[ \t]+"`)
)

// word reads a bare word, dots and all. At the beginning of a line it may tell that something above was never closed.
func (s *scanner) word() {
	start := s.at
	for s.at < len(s.text) && isWord(s.text[s.at]) {
		s.at++
	}
	word := s.text[start:s.at]
	if s.beginsLine(start) {
		s.recover(start, word)
	}
	f := s.top()
	part := s.indexed && s.namedTo == start
	if !part {
		s.named, s.indexed = word, false
	}
	s.namedTo = s.at
	switch {
	case part:
		f.extend(word)
	case f.kind == inList || f.kind == inParens:
		f.words = append(f.words, word)
	case (f.kind == inBody || f.kind == inObject) && !f.value && f.head == "":
		f.head, f.headAt = word, start
	case f.kind == inBody && !f.value:
		f.labels = append(f.labels, word)
	}
}

func (s *scanner) beginsLine(at int) bool {
	return strings.TrimLeft(s.text[strings.LastIndexByte(s.text[:at], '\n')+1:at], " \t\uFEFF") == ""
}

func (s *scanner) recover(start int, word string) {
	margin := start == 0 || s.text[start-1] == '\n'
	opening := opens.MatchString(s.text[s.at:])
	block, top := schema.Find(schema.File(), word)
	labelled := (top && block.Label != "" || word == "in") && labels.MatchString(s.text[s.at:]) // its brace isn't written yet
	switch kind := s.top().kind; {
	case margin && top && opening:
		s.stack = s.stack[:1]
		s.top().statement()
	case kind == inBody:
	case opening || labelled || kind != inObject && assigns.MatchString(s.text[s.at:]):
		s.popTo(inBody).statement()
	}
}

func (s *scanner) sign(c byte, rest string) {
	f := s.top()
	statement := (f.kind == inBody || f.kind == inObject) && !f.value
	switch c {
	case '"':
		s.push(&frame{kind: inQuote, start: s.at + 1})
	case '[':
		s.bracket()
	case '(':
		s.push(&frame{kind: inParens, start: s.at + 1})
	case '{':
		s.brace(f)
	case ']':
		s.endBracket()
	case ')':
		s.closes(inParens)
	case '}':
		s.endBrace()
	case '=', ':':
		if statement && f.head != "" && (c == '=' || f.kind == inObject) && !strings.HasPrefix(rest, "==") {
			f.value = true
			f.attrs = append(f.attrs, mark{f.head, f.headAt})
		}
	case ',':
		if f.kind == inObject {
			f.statement()
		}
	}
}

// bracket opens a list, or an index where it stands right behind a name.
func (s *scanner) bracket() {
	f := &frame{kind: inList, start: s.at + 1}
	if s.namedTo == s.at && s.named != "" {
		f.kind = inIndex
		if !s.indexed {
			f.head = s.named
		}
	}
	s.push(f)
}

func (s *scanner) endBracket() {
	f := s.closes(inList, inIndex)
	if f == nil || f.kind != inIndex {
		return
	}
	s.top().extend(s.text[f.start-1 : s.at+1])
	s.named, s.namedTo, s.indexed = f.head, s.at+1, true
}

// extend adds an index, or what stands behind one, to the word that it belongs to.
func (f *frame) extend(more string) {
	if last := len(f.words) - 1; last >= 0 {
		f.words[last] += more
	}
}

// brace opens a block where a statement began with words, else an object.
func (s *scanner) brace(f *frame) {
	if f.kind != inBody || f.value || f.head == "" {
		s.push(&frame{kind: inObject, start: s.at + 1})
		return
	}
	block := &frame{kind: inBody, start: s.at + 1, blockType: f.head}
	if len(f.labels) > 0 {
		block.label = f.labels[0]
	}
	f.blocks = append(f.blocks, header{block.blockType, block.label})
	f.statement()
	s.push(block)
}

func (s *scanner) endBrace() {
	f := s.popTo(inBody, inObject, inTemplate)
	if len(s.stack) == 1 {
		return
	}
	s.stack = s.stack[:len(s.stack)-1]
	if outer := s.top(); f.kind == inBody && outer.kind == inBody {
		outer.statement()
	}
}
