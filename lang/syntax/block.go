package syntax

import "github.com/hashicorp/hcl/v2"

// Name returns the block's label, or "" where it has none.
func (b *Block) Name() string {
	if len(b.Labels) == 0 {
		return ""
	}
	return b.Labels[0].Value
}

// Attr returns the attribute of that name.
func (b *Block) Attr(name string) (Attr, bool) {
	for _, a := range b.Attrs {
		if a.Name == name {
			return a, true
		}
	}
	return Attr{}, false
}

// Child returns the first inner block of that type, or nil.
func (b *Block) Child(blockType string) *Block {
	for _, c := range b.Blocks {
		if c.Type == blockType {
			return c
		}
	}
	return nil
}

// Children returns the inner blocks of that type, in source order.
func (b *Block) Children(blockType string) []*Block {
	var out []*Block
	for _, c := range b.Blocks {
		if c.Type == blockType {
			out = append(out, c)
		}
	}
	return out
}

// NameRange returns the place of the label, or of the header where the block has none.
func (b *Block) NameRange() hcl.Range {
	if len(b.Labels) == 0 {
		return b.Decl
	}
	return b.Labels[0].Range
}
