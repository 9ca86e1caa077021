package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"gatehouse/targets"
)

// Format is the version of the documents that are written. A change that an older program must not overlook raises it.
const Format = 1

// FormatError says that a document was written by a newer program.
type FormatError struct{ Format int }

func (e *FormatError) Error() string {
	return fmt.Sprintf("format %d is newer than this program, which knows %d: use a newer one; nothing was changed", e.Format, Format)
}

// header is a document but for its claims.
type header struct {
	Format      int       `json:"format"`
	Policy      string    `json:"policy"`
	Environment string    `json:"environment"`
	Lineage     string    `json:"lineage"`
	Serial      uint64    `json:"serial"`
	Saved       time.Time `json:"saved"`
	By          string    `json:"by"`
	Forebears   []Mark    `json:"forebears,omitempty"`
	Standing    Standing  `json:"standing,omitempty"` // left out: kept
	Reason      string    `json:"reason,omitempty"`
}

// row is one claim: a line of the document.
type row struct {
	Kind     string    `json:"kind"`
	Name     string    `json:"name"`
	Item     string    `json:"item"`
	Since    time.Time `json:"since"`
	By       string    `json:"by"`
	Serial   uint64    `json:"serial"`
	Doubtful bool      `json:"doubtful,omitempty"`
}

// Encode returns a state's document: JSON, one claim a line, sorted, so that people can read and compare it.
func Encode(s State) ([]byte, error) {
	h := header{Format, s.Owner.Policy, s.Owner.Environment, s.Mark.Lineage, s.Mark.Serial, s.Saved, s.By, s.Forebears, s.Standing, s.Reason}
	if h.Standing == Kept {
		h.Standing = ""
	}
	head, err := marshal(h)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.Write(head[:len(head)-1])
	out.WriteString(",\"claims\":[")
	separator := "\n"
	for _, k := range s.Claims.Containers() {
		for _, item := range s.Claims.Items(k) {
			c := s.Claims[k][item]
			line, err := marshal(row{k.Kind, k.Name, item, c.Since, c.By, c.Serial, c.Doubtful})
			if err != nil {
				return nil, err
			}
			out.WriteString(separator)
			out.Write(line)
			separator = ",\n"
		}
	}
	out.WriteString("\n]}\n")
	return out.Bytes(), nil
}

// marshal writes <, > and & as they are: conditions are full of them.
func marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}

// Decode reads a document strictly: what this program would not write back is refused, a newer format as a *FormatError.
func Decode(document []byte) (State, error) {
	var version struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(document, &version); err != nil {
		return State{}, fmt.Errorf("it is damaged (restore it from a backup, or move it away to do without): %w", err)
	}
	switch {
	case version.Format > Format:
		return State{}, &FormatError{version.Format}
	case version.Format < 1:
		return State{}, errors.New("it is no state: it has no format")
	}
	var file struct {
		header
		Claims []row `json:"claims"`
	}
	d := json.NewDecoder(bytes.NewReader(document))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return State{}, fmt.Errorf("it is damaged: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return State{}, errors.New("it is damaged: something follows its end")
	}
	return file.header.state(file.Claims)
}

func (h header) state(rows []row) (State, error) {
	s := State{Owner: targets.Owner{Policy: h.Policy, Environment: h.Environment}, Mark: Mark{h.Lineage, h.Serial}, Forebears: h.Forebears,
		Saved: h.Saved, By: h.By, Claims: Claims{}, Standing: h.Standing, Reason: h.Reason}
	switch s.Standing {
	case "":
		s.Standing = Kept
	case Lost, Old:
	default:
		return State{}, fmt.Errorf("it is damaged: standing %q", h.Standing)
	}
	if h.Lineage == "" || h.Serial == 0 {
		return State{}, errors.New("it is damaged: it has no lineage or no serial")
	}
	for _, r := range rows {
		k := targets.Key{Kind: r.Kind, Name: r.Name}
		if _, twice := s.Claims[k][r.Item]; twice {
			return State{}, fmt.Errorf("it is damaged: %s of %s is claimed twice", r.Item, k)
		}
		s.Claims.set(k, r.Item, Claim{r.Since, r.By, r.Serial, r.Doubtful})
	}
	return s, nil
}
