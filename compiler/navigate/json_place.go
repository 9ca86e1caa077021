package navigate

import "slices"

// jsonFrame is an object or an array that is open around a place. What is in it keeps being noted after the place was passed.
type jsonFrame struct {
	array bool
	key   string // of an object: that of the current member, once it was read
	value bool   // the colon has passed
	keys  []string
	words []string // of an array: the strings in it
}

// jsonPlace is a place inside of a JSON string.
type jsonPlace struct {
	text   jsonText
	isKey  bool         // the string is a key itself
	frames []*jsonFrame // from the file inwards
	keys   []string     // of each: the key whose value the place is in
}

// jsonScanner walks through JSON text and keeps what is open. It never fails: a string ends with its line, a bracket closes what is open
// inside of its own, and a colon in an array tells that the array was never closed.
type jsonScanner struct {
	text  string
	stack []*jsonFrame
	found *jsonPlace
}

// lookJSON finds the string around a cursor; nil: it is in none.
func lookJSON(text string, offset int) *jsonPlace {
	s := jsonScanner{text: text}
	for at := 0; at < len(text) && (s.found != nil || at < offset); at++ {
		if text[at] != '"' {
			s.sign(text[at])
			continue
		}
		t := readJSONText(text, at+1)
		if at < offset && offset <= t.end() {
			s.here(t)
		}
		at = t.end()
		if at == len(text) || text[at] == '"' {
			s.string(t.text)
		}
	}
	return s.found
}

func (s *jsonScanner) top() *jsonFrame {
	if len(s.stack) == 0 {
		return &jsonFrame{}
	}
	return s.stack[len(s.stack)-1]
}

// here notes the place before the scanner goes on.
func (s *jsonScanner) here(t jsonText) {
	p := &jsonPlace{text: t, frames: slices.Clone(s.stack)}
	for _, f := range s.stack {
		p.keys = append(p.keys, f.key)
	}
	p.isKey = !s.top().array && !s.top().value
	s.found = p
}

func (s *jsonScanner) string(text string) {
	switch f := s.top(); {
	case f.array:
		f.words = append(f.words, text)
	case !f.value:
		f.key = text
		f.keys = append(f.keys, text)
	}
}

func (s *jsonScanner) sign(c byte) {
	switch c {
	case '{', '[':
		s.stack = append(s.stack, &jsonFrame{array: c == '['})
	case '}', ']':
		s.closes(c == ']')
	case ',':
		if f := s.top(); !f.array {
			f.key, f.value = "", false
		}
	case ':':
		s.unclosed()
		s.top().value = true
	}
}

func (s *jsonScanner) closes(array bool) {
	for i := len(s.stack) - 1; i >= 0; i-- {
		if s.stack[i].array == array {
			s.stack = s.stack[:i]
			return
		}
	}
}

// unclosed leaves the arrays that a member's colon can't stand in; the string before it was the member's key.
func (s *jsonScanner) unclosed() {
	key := ""
	for f := s.top(); f.array; f = s.top() {
		if last := len(f.words) - 1; last >= 0 {
			key, f.words = f.words[last], f.words[:last]
		}
		s.stack = s.stack[:len(s.stack)-1]
	}
	if f := s.top(); key != "" {
		f.key = key
		f.keys = append(f.keys, key)
	}
}
