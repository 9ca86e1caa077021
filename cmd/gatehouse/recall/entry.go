package recall

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
)

// magic is the format's version, which is part of what is sealed.
const magic = "gatehouse.dev/recall/v1\n"

// entry is a file of the store: magic, key, a gob of this, and a hash over all of it.
type entry struct {
	memory Memory
	reads  []read
}

// stored is an entry with names that gob sees.
type stored struct {
	Memory Memory
	Reads  []read
}

func encode(e entry, k Key) []byte {
	var out bytes.Buffer
	out.WriteString(magic)
	out.Write(k[:])
	if err := gob.NewEncoder(&out).Encode(stored{e.memory, e.reads}); err != nil {
		return nil // which decodes to nothing; a buffer takes everything, and the types are fixed
	}
	seal := sha256.Sum256(out.Bytes())
	return append(out.Bytes(), seal[:]...)
}

// decode is false for whatever encode did not write under this key.
func decode(data []byte, k Key) (entry, bool) {
	head := append([]byte(magic), k[:]...)
	end := len(data) - sha256.Size
	if end < len(head) || !bytes.HasPrefix(data, head) || sha256.Sum256(data[:end]) != [sha256.Size]byte(data[end:]) {
		return entry{}, false
	}
	var s stored
	if err := gob.NewDecoder(bytes.NewReader(data[len(head):end])).Decode(&s); err != nil {
		return entry{}, false
	}
	return entry{s.Memory, s.Reads}, true
}
