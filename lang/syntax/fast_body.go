package syntax

import "github.com/hashicorp/hcl/v2"

// body reads items up to the end of the text, or to the closing brace of an inner body. nil: not canonical.
func (f *fast) body(depth int) *fastBody {
	attrs, blocks := len(f.pending.attrs), len(f.pending.blocks)
	for {
		f.blank()
		if f.ended() {
			if depth > 0 {
				return nil
			}
			break
		}
		if f.next() == '}' {
			if depth == 0 {
				return nil
			}
			f.at++
			break
		}
		if !f.item(depth) || !f.lineEnds() {
			return nil
		}
	}
	return f.gather(attrs, blocks)
}

// gather takes what was read since the stacks had these lengths.
func (f *fast) gather(attrs, blocks int) *fastBody {
	p := &f.pending
	body := f.bodies.one(fastBody{attrs: f.attrs.keep(p.attrs[attrs:]), blocks: f.blocks.keep(p.blocks[blocks:])})
	p.attrs, p.blocks = p.attrs[:attrs], p.blocks[:blocks]
	return body
}

// item reads an attribute or a block.
func (f *fast) item(depth int) bool {
	start := f.pos()
	word := f.word()
	if word == "" {
		return false
	}
	name := f.from(start)
	f.spaces()
	switch f.next() {
	case '=':
		return f.attribute(word, name)
	case '"', '{':
		return f.block(word, name, depth)
	default:
		return false
	}
}

func (f *fast) attribute(word string, name hcl.Range) bool {
	f.at++
	f.spaces()
	v := f.value(0)
	if v == nil {
		return false
	}
	f.pending.attrs = append(f.pending.attrs, attrItem{name: word, nameRange: name, whole: f.from(name.Start), value: v})
	return true
}

func (f *fast) block(word string, name hcl.Range, depth int) bool {
	if depth >= fastNesting {
		return false
	}
	h := header{blockType: word, typeRange: name, decl: name}
	labels := make([]Label, 0, 2)
	for f.next() == '"' {
		from := f.pos()
		label, plain, ok := f.quoted()
		if !ok || !plain {
			return false
		}
		at := f.from(from)
		labels = append(labels, Label{Value: label, Range: at})
		h.decl.End = at.End
		f.spaces()
	}
	if f.next() != '{' {
		return false
	}
	h.labels = f.kept.labels.keep(labels)
	f.at++
	f.spaces()
	var inner *fastBody
	if c := f.next(); isWordStart(c) {
		inner = f.line()
	} else if c == '\n' || c == '}' || f.atComment() {
		inner = f.body(depth + 1)
	}
	if inner == nil {
		return false
	}
	h.whole = f.from(name.Start)
	f.pending.blocks = append(f.pending.blocks, blockItem{header: h, body: inner})
	return true
}

// line reads the rest of a block that holds one attribute on its own line: online { protocol = "grpc" }.
func (f *fast) line() *fastBody {
	attrs, blocks := len(f.pending.attrs), len(f.pending.blocks)
	start := f.pos()
	word := f.word()
	name := f.from(start)
	f.spaces()
	if f.next() != '=' || !f.attribute(word, name) {
		return nil
	}
	f.spaces()
	if f.next() != '}' {
		return nil
	}
	f.at++
	return f.gather(attrs, blocks)
}
