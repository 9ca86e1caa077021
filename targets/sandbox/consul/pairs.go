package consul

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gatehouse/targets/sandbox"
)

// Where keys and sessions are kept: apart from config entries, whose kinds never begin so.
const (
	apart        = "~"
	keyTable     = apart + "kv/"
	graveTable   = apart + "grave/" // keys and prefixes that were deleted: their indices count for readers of what is left
	sessionTable = apart + "session/"
	delayTable   = apart + "delay/" // keys that nobody may lock until a time
)

// pair is a key with its value, as it is on the wire.
type pair struct {
	LockIndex   uint64
	Key         string
	Flags       uint64
	Value       []byte
	Session     string `json:",omitempty"`
	CreateIndex uint64
	ModifyIndex uint64
}

func getPair(v *sandbox.View, name string) (p pair, ok bool, err error) {
	record, ok := v.Get(keyTable + name)
	if ok {
		if err := json.Unmarshal(record.Value, &p); err != nil {
			return p, false, fmt.Errorf("stored key %s: %w", name, err)
		}
	}
	return p, ok, nil
}

// tableIndex is the index of the latest change of a table.
func tableIndex(v *sandbox.View, table string) uint64 {
	record, _ := v.Get(apart + table)
	return max(record.Modified, 1)
}

func touch(tx *sandbox.Tx, table string) {
	tx.Put(sandbox.Record{Key: apart + table, Value: json.RawMessage("null"), Modified: tx.Next()})
}

// listIndex is the index of the latest change of what begins with a prefix; where nothing ever did, or of all keys, that of the table.
func listIndex(v *sandbox.View, prefix string) uint64 {
	var latest uint64
	if prefix != "" {
		for _, table := range []string{keyTable, graveTable} {
			for _, record := range v.List(table + prefix) {
				latest = max(latest, record.Modified)
			}
		}
	}
	if latest == 0 {
		return tableIndex(v, keyTable)
	}
	return latest
}

// putting is one PUT of a key.
type putting struct {
	pair             pair
	cas              cas
	acquire, release bool
}

func (p putting) do(tx *sandbox.Tx, now time.Time) (bool, error) {
	old, exists, err := getPair(&tx.View, p.pair.Key)
	if err != nil {
		return false, err
	}
	switch {
	case p.acquire:
		return p.lock(tx, old, exists, now)
	case p.release:
		return p.unlock(tx, old, exists)
	case p.cas.given && p.cas.index != old.ModifyIndex: // which is 0 where there is none
		return false, nil
	}
	p.pair.Session = old.Session
	return true, setPair(tx, p.pair, old, exists)
}

func (p putting) lock(tx *sandbox.Tx, old pair, exists bool, now time.Time) (bool, error) {
	if delayed(&tx.View, p.pair.Key, now) {
		return false, nil
	}
	if p.pair.Session == "" {
		return false, errors.New("raft apply failed: missing session")
	}
	if _, ok := tx.Get(sessionTable + p.pair.Session); !ok {
		return false, fmt.Errorf("raft apply failed: invalid session %q", p.pair.Session)
	}
	switch {
	case exists && old.Session != "" && old.Session != p.pair.Session:
		return false, nil
	case exists && old.Session == p.pair.Session:
		p.pair.LockIndex = old.LockIndex
	default:
		p.pair.LockIndex = old.LockIndex + 1
	}
	return true, setPair(tx, p.pair, old, exists)
}

func (p putting) unlock(tx *sandbox.Tx, old pair, exists bool) (bool, error) {
	if p.pair.Session == "" {
		return false, errors.New("raft apply failed: missing session")
	}
	if !exists || old.Session != p.pair.Session {
		return false, nil
	}
	p.pair.Session, p.pair.LockIndex = "", old.LockIndex
	return true, setPair(tx, p.pair, old, exists)
}

// setPair stores a pair, unless it is there already.
func setPair(tx *sandbox.Tx, p, old pair, exists bool) error {
	p.CreateIndex, p.ModifyIndex = old.CreateIndex, old.ModifyIndex
	same := p.LockIndex == old.LockIndex && p.Flags == old.Flags && p.Session == old.Session && bytes.Equal(p.Value, old.Value)
	if exists && same {
		return nil
	}
	if !exists {
		p.CreateIndex = tx.Next()
	}
	p.ModifyIndex = tx.Next()
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	tx.Put(sandbox.Record{Key: keyTable + p.Key, Value: text, Created: p.CreateIndex, Modified: p.ModifyIndex})
	touch(tx, keyTable)
	return nil
}

func deletePair(tx *sandbox.Tx, name string, check cas) (bool, error) {
	old, exists, err := getPair(&tx.View, name)
	switch {
	case err != nil:
		return false, err
	case !exists:
		return true, nil
	case check.given && check.index != old.ModifyIndex:
		return false, nil
	}
	tx.Delete(keyTable + name)
	bury(tx, name)
	return true, nil
}

func bury(tx *sandbox.Tx, name string) {
	tx.Put(sandbox.Record{Key: graveTable + name, Value: json.RawMessage("null"), Modified: tx.Next()})
	touch(tx, keyTable)
}

func deleteTree(tx *sandbox.Tx, prefix string) {
	records := tx.List(keyTable + prefix)
	for _, record := range records {
		tx.Delete(record.Key)
	}
	switch {
	case len(records) > 0 && prefix != "":
		bury(tx, prefix)
	case len(records) > 0:
		touch(tx, keyTable)
	}
}
