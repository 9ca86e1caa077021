package consul

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/hashicorp/consul/api"

	"gatehouse/targets"
	"gatehouse/targets/state"
)

// MaxValue is the most that a key of Consul's holds, unless it is configured (kv_max_value_size).
const MaxValue = 512 << 10

// KV keeps the state of a (policy, environment) in the key-value store of an environment's Consul:
//
//	gatehouse/POLICY/ENVIRONMENT/state      the document, or where it is too long for a key, a list of its pieces
//	gatehouse/POLICY/ENVIRONMENT/pieces/…    the pieces, each written once and never changed
//	gatehouse/POLICY/ENVIRONMENT/lock       who applies, under a session
//
// A save writes the pieces that are new, then state by compare and swap, then deletes the pieces that nobody needs. So whenever it dies,
// state names pieces that are there; what a killed one left is deleted by a later one.
type KV struct {
	Limit int // the most that a key may hold, in bytes: MaxValue, unless set before use because kv_max_value_size is configured

	conn   *Conn
	prefix string

	mu    sync.Mutex
	known listOfPieces // as last loaded or saved
	at    string       // its version
}

var _ state.Medium = (*KV)(nil)

// NewKV returns the medium of an owner's state. The token needs key:write on the prefix gatehouse/POLICY/ENVIRONMENT/ and, for the
// lock, session:write on the agent's node.
func NewKV(c *Conn, owner targets.Owner) *KV {
	return &KV{Limit: MaxValue, conn: c,
		prefix: "gatehouse/" + url.PathEscape(owner.Policy) + "/" + url.PathEscape(owner.Environment) + "/"}
}

// String names the place for people.
func (k *KV) String() string { return "Consul's key " + k.prefix + "state" }

// listVersion is the version of a list of pieces.
const listVersion = 1

// listOfPieces is what stands in state where a document takes more than one key.
type listOfPieces struct {
	Version int     `json:"list"` // 0: it is no list but the document
	Pieces  []piece `json:"pieces"`
}

type piece struct {
	Key    string `json:"key"` // below pieces/
	Size   int    `json:"size"`
	SHA256 string `json:"sha256"`
}

// parseList reads a list of pieces; the zero list where a value is a document.
func parseList(value []byte) (l listOfPieces, err error) {
	if !bytes.HasPrefix(value, []byte(`{"list":`)) {
		return listOfPieces{}, nil
	}
	if err := json.Unmarshal(value, &l); err != nil {
		return l, fmt.Errorf("the list of its pieces is damaged: %w", err)
	}
	if l.Version > listVersion {
		return l, fmt.Errorf("the list of its pieces: %w", &state.FormatError{Format: l.Version})
	}
	return l, nil
}

// Load reads the document. A piece that is gone was deleted by a save meanwhile, so that another list stands there; or it is lost.
func (k *KV) Load(ctx context.Context) ([]byte, string, error) {
	for {
		pair, err := k.get(ctx, "state")
		if err != nil || pair == nil {
			return nil, "", err
		}
		version := strconv.FormatUint(pair.ModifyIndex, 10)
		list, err := parseList(pair.Value)
		if err != nil {
			return nil, "", err
		}
		document := pair.Value
		if list.Version > 0 {
			if document, err = k.join(ctx, list); errors.Is(err, errNoPiece) {
				again, err := k.get(ctx, "state")
				if err == nil && (again == nil || again.ModifyIndex != pair.ModifyIndex) {
					continue
				}
			}
			if err != nil {
				return nil, "", err
			}
		}
		k.remember(list, version)
		return document, version, nil
	}
}

func (k *KV) remember(l listOfPieces, version string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.known, k.at = l, version
}

// recall returns the list that stood in state at a version; the zero list where it isn't known.
func (k *KV) recall(version string) listOfPieces {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.at != version {
		return listOfPieces{}
	}
	return k.known
}

// errNoPiece says that a piece is not there, or another one is.
var errNoPiece = errors.New("it is damaged (restore it from a backup)")

// join reads all pieces.
func (k *KV) join(ctx context.Context, l listOfPieces) ([]byte, error) {
	texts := make([][]byte, len(l.Pieces))
	_, err := inParallel(len(l.Pieces), func(i int) error {
		pair, err := k.get(ctx, "pieces/"+l.Pieces[i].Key)
		if err != nil {
			return err
		}
		if pair == nil || sum(pair.Value) != l.Pieces[i].SHA256 {
			return fmt.Errorf("piece %s is not there as it was written: %w", l.Pieces[i].Key, errNoPiece)
		}
		texts[i] = pair.Value
		return nil
	})
	return bytes.Join(texts, nil), err
}

func sum(text []byte) string {
	s := sha256.Sum256(text)
	return hex.EncodeToString(s[:])
}

// get reads a key below the prefix from the leader; nil where there is none.
func (k *KV) get(ctx context.Context, name string) (pair *api.KVPair, err error) {
	err = k.conn.read(ctx, func(q *api.QueryOptions) error {
		q.RequireConsistent = true
		found, meta, err := k.conn.client.KV().Get(k.prefix+name, q)
		if err == nil && found == nil && meta.LastIndex == 0 {
			err = api.StatusError{Code: http.StatusNotFound, Body: noAgent} // an agent says as of when there is none
		}
		pair = found
		return err
	})
	if err != nil {
		return nil, k.explain(err)
	}
	return pair, nil
}

// explain adds to a refusal what is to be done about it.
func (k *KV) explain(err error) error {
	switch refused(err).Code {
	case http.StatusForbidden:
		return fmt.Errorf("%w: the token needs key_prefix %q { policy = \"write\" }, and session:write on the agent's node", err, k.prefix)
	case http.StatusRequestEntityTooLarge:
		return fmt.Errorf("%w: kv_max_value_size is below its default", err)
	}
	return err
}

// Save writes the document if state is still of the given version.
func (k *KV) Save(ctx context.Context, document []byte, version string) error {
	base, err := strconv.ParseUint(cmp.Or(version, "0"), 10, 64)
	if err != nil {
		return fmt.Errorf("version %q is no index of Consul's", version)
	}
	old, next, value := k.recall(version), listOfPieces{}, document
	if len(document) > k.Limit {
		if next, err = k.putPieces(ctx, document, base, old); err != nil {
			return err
		}
		if value, err = json.Marshal(next); err != nil {
			return err
		}
	}
	if err := k.swap(ctx, value, base); err != nil {
		if errors.Is(err, state.ErrMoved) {
			k.drop(ctx, without(next, old))
		}
		return err
	}
	if len(old.Pieces)+len(next.Pieces) > 0 {
		k.sweep(ctx, base, old, next)
	}
	return nil
}

// swap replaces state by compare and swap. Where the answer is lost it reads back: the value may stand there, or the old one still (then it
// is sent again), or somebody else's.
func (k *KV) swap(ctx context.Context, value []byte, base uint64) error {
	err := k.conn.patiently(ctx, func() error {
		var swapped bool
		err := k.conn.once(ctx, func(ctx context.Context) (err error) {
			pair := &api.KVPair{Key: k.prefix + "state", Value: value, ModifyIndex: base}
			swapped, _, err = k.conn.client.KV().CAS(pair, new(api.WriteOptions).WithContext(ctx))
			return err
		})
		switch {
		case err == nil && swapped:
			return nil
		case err != nil && !doubtful(err):
			return err
		}
		// A swap that was sent twice because its first answer was lost fails like one that came too late.
		now, readErr := k.get(ctx, "state")
		switch {
		case readErr != nil:
			return fmt.Errorf("whether it was saved is not known: %w", cmp.Or(err, readErr))
		case now != nil && now.ModifyIndex != base && bytes.Equal(now.Value, value):
			return nil
		case now == nil && base == 0, now != nil && now.ModifyIndex == base:
			return err // nothing has happened
		}
		return state.ErrMoved
	})
	return k.explain(err)
}

// patience is how long the tidying after a save may take; nothing depends on it.
const patience = 10 * time.Second
