package syntax

import "strings"

// jsonRoom is where a JSON file's nodes stand while it is read, with what is made of them on the way to blocks. The next file takes the same
// room, so that a file costs few allocations: blocks keep nothing of it but words, and strings, which share the file's text.
type jsonRoom struct {
	nodes   slab[node]
	elems   slab[*node]
	members slab[property]
	listed  slab[value]
	keyed   slab[member]
	attrs   slab[attrItem]
	blocks  slab[blockItem]

	unread bool // a value among them could not be read

	words runs[string] // the parts of references, which blocks keep

	pending struct { // what is being parsed, in a stack for each kind
		elems   []*node
		members []property
	}
	taken struct { // what is taken out of one node
		values  []value
		members []member
		attrs   []attrItem
		blocks  []blockItem
	}
}

func (room *jsonRoom) reset() {
	room.unread = false
	room.nodes.reset()
	room.elems.reset()
	room.members.reset()
	room.listed.reset()
	room.keyed.reset()
	room.attrs.reset()
	room.blocks.reset()
	p, t := &room.pending, &room.taken
	p.elems, p.members = emptied(p.elems), emptied(p.members)
	t.values, t.members, t.attrs, t.blocks = emptied(t.values), emptied(t.members), emptied(t.attrs), emptied(t.blocks)
}

// split gives the parts of a dotted name.
func (room *jsonRoom) split(name string, parts int) []string {
	var few [4]string
	if parts > len(few) {
		return strings.Split(name, ".")
	}
	for i := range parts {
		few[i], name, _ = strings.Cut(name, ".")
	}
	return room.words.keep(few[:parts])
}
