package consul

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/consul/api"
)

// split cuts a document into pieces of at most limit bytes, at ends of lines. Where it cuts depends on the lines alone, so that a line which
// comes or goes changes its own piece and leaves the others as they are; the first line, which every save changes, is a piece alone.
func split(document []byte, limit int) [][]byte {
	var pieces [][]byte
	size := 0
	cut := func() {
		if size > 0 {
			pieces = append(pieces, document[:size:size])
			document, size = document[size:], 0
		}
	}
	first := true
	for rest := document; len(rest) > 0; {
		n := len(rest)
		if end := bytes.IndexByte(rest, '\n'); end >= 0 {
			n = end + 1
		}
		n = min(n, limit) // a line may be longer than a key holds
		if size+n > limit {
			cut()
		}
		size += n
		if first || size >= limit/4 && boundary(rest[:n], limit) {
			cut()
		}
		rest, first = rest[n:], false
	}
	cut()
	return pieces
}

// boundary picks lines to cut after: one in 512 where a piece may have half a megabyte.
func boundary(line []byte, limit int) bool {
	h := fnv.New32a()
	_, _ = h.Write(line)
	return h.Sum32()%uint32(max(1, limit>>10)) == 0
}

// putPieces writes the pieces of a document that an older list does not have already. Their names say what state they are to follow, and no
// two saves use the same.
func (k *KV) putPieces(ctx context.Context, document []byte, base uint64, old listOfPieces) (listOfPieces, error) {
	have := map[string]piece{}
	for _, p := range old.Pieces {
		have[p.SHA256] = p
	}
	l, save := listOfPieces{Version: listVersion}, rand.Text()
	for i, text := range split(document, k.Limit) {
		p, ok := have[sum(text)]
		if !ok {
			p = piece{fmt.Sprintf("%d-%s-%d", base, save, i), len(text), sum(text)}
			if err := k.put(ctx, "pieces/"+p.Key, text); err != nil {
				return l, fmt.Errorf("write piece %d: %w", i+1, k.explain(err))
			}
		}
		l.Pieces = append(l.Pieces, p)
	}
	return l, nil
}

// put writes a key that nobody else writes.
func (k *KV) put(ctx context.Context, name string, value []byte) error {
	return k.conn.patiently(ctx, func() error {
		return k.conn.once(ctx, func(ctx context.Context) error {
			_, err := k.conn.client.KV().Put(&api.KVPair{Key: k.prefix + name, Value: value}, new(api.WriteOptions).WithContext(ctx))
			return err
		})
	})
}

// without returns the keys of the pieces that are in one list and not in another.
func without(l, other listOfPieces) []string {
	var keys []string
	for _, p := range l.Pieces {
		if !slices.Contains(other.Pieces, p) {
			keys = append(keys, p.Key)
		}
	}
	return keys
}

// sweep deletes the pieces that nobody will ever need once state has followed a version: those that it had and has no more, and those of
// saves that were to follow that version or an earlier one and can only fail now. Pieces that were to be a first state's are left: somebody
// who deletes state would let such a save succeed.
func (k *KV) sweep(ctx context.Context, base uint64, old, now listOfPieces) {
	gone := without(old, now)
	var keys []string
	err := k.conn.once(ctx, func(ctx context.Context) (err error) {
		keys, _, err = k.conn.client.KV().Keys(k.prefix+"pieces/", "", new(api.QueryOptions).WithContext(ctx))
		return err
	})
	if err != nil {
		keys = nil // a later save finds them
	}
	for _, key := range keys {
		key = strings.TrimPrefix(key, k.prefix+"pieces/")
		follows, _, _ := strings.Cut(key, "-")
		after, err := strconv.ParseUint(follows, 10, 64)
		needed := slices.ContainsFunc(now.Pieces, func(p piece) bool { return p.Key == key })
		if err == nil && 0 < after && after <= base && !needed && !slices.Contains(gone, key) {
			gone = append(gone, key)
		}
	}
	k.drop(ctx, gone)
}

// drop deletes pieces as far as that works: what stays is in nobody's way.
func (k *KV) drop(ctx context.Context, keys []string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	for _, key := range keys {
		err := k.conn.once(ctx, func(ctx context.Context) error {
			_, err := k.conn.client.KV().Delete(k.prefix+"pieces/"+key, new(api.WriteOptions).WithContext(ctx))
			return err
		})
		if err != nil {
			return
		}
	}
}
