package syntax

// kept is room for what a tree is made of. A large policy has millions of small parts, which live and die together: they are cut from a few
// large pieces instead of being allocated one by one.
type kept struct {
	blocks runs[Block]
	inner  runs[*Block]
	labels runs[Label]
	attrs  runs[Attr]
	elems  runs[Expr]
	words  runs[string]
}

func (k *kept) block(b Block) *Block {
	at := &k.blocks.take(1)[0]
	*at = b
	return at
}

// runs gives out room that is never taken back.
type runs[T any] struct{ free []T }

// take returns a run of n zero values, never nil, that can't grow in its place.
func (r *runs[T]) take(n int) []T {
	const piece = 128
	if n == 0 {
		return []T{}
	}
	if n > len(r.free) {
		r.free = make([]T, max(n, piece))
	}
	run := r.free[:n:n]
	r.free = r.free[n:]
	return run
}

// keep copies a run and returns the copy; nil for none.
func (r *runs[T]) keep(run []T) []T {
	if len(run) == 0 {
		return nil
	}
	out := r.take(len(run))
	copy(out, run)
	return out
}
