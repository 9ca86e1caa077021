package syntax

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
)

// Digest identifies the files of a policy: SHA-256, in hexadecimal, over name and text of each policy file, in order of name. Moving or
// renaming a file changes it, as the folder of a declaration counts; what Load passes over doesn't.
func Digest(fsys fs.FS) (string, error) {
	names, _, err := policyFiles(fsys)
	if err != nil {
		return "", fmt.Errorf("list policy files: %w", err)
	}
	all := sha256.New()
	for _, name := range names {
		f, err := fsys.Open(name)
		if err != nil {
			return "", err
		}
		one := sha256.New()
		_, err = io.Copy(one, f)
		if closed := f.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return "", err
		}
		fmt.Fprintf(all, "%q %x\n", name, one.Sum(nil))
	}
	return hex.EncodeToString(all.Sum(nil)), nil
}
