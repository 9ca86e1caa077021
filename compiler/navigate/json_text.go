package navigate

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/syntax"
)

func (f *File) isJSON() bool { return strings.HasSuffix(f.Name, syntax.JSONSuffix) }

// jsonText is a JSON string as the language reads it, and where each of its bytes stands in the file; its end, too. What an escape stands
// for stands where the escape begins.
type jsonText struct {
	text string
	at   []int
}

// readJSONText reads the string whose inside begins at an offset. One that isn't closed ends with its line.
func readJSONText(src string, start int) jsonText {
	var text strings.Builder
	var at []int
	i := start
	for i < len(src) && src[i] != '"' && src[i] != '\n' && src[i] != '\r' {
		one := src[i : i+1]
		length := 1
		if src[i] == '\\' {
			one, length = escaped(src[i:])
		}
		for range len(one) {
			at = append(at, i)
		}
		text.WriteString(one)
		i += length
	}
	return jsonText{text.String(), append(at, min(i, len(src)))}
}

// escaped reads one escape, of a pair of surrogates both. What is none stands for itself.
func escaped(src string) (text string, length int) {
	for _, length := range []int{12, 6, 2} { // the longest first: half a pair is a character of its own, and not the one that is meant
		if length > len(src) || length == 12 && !strings.HasPrefix(src[6:], `\u`) || length > 2 && src[1] != 'u' {
			continue
		}
		var one string
		if json.Unmarshal([]byte(`"`+src[:length]+`"`), &one) == nil && (length < 12 || len([]rune(one)) == 1) {
			return one, length
		}
	}
	return src[:1], 1
}

// span returns where a part of the text stands in the file.
func (t jsonText) span(from, to int) Span {
	last := len(t.text)
	return Span{t.at[min(max(from, 0), last)], t.at[min(max(to, 0), last)]}
}

// offset returns the place in the text of an offset in the file.
func (t jsonText) offset(at int) int {
	i, _ := slices.BinarySearch(t.at, at)
	return min(i, len(t.text))
}

func (t jsonText) end() int { return t.at[len(t.text)] }

// place returns where a part of an attribute's value stands. In JSON, an expression's own places count the characters of its string and not
// their escapes; those of a bare reference count from the string's beginning, and name no file.
func (f *File) place(part, of hcl.Range) Span {
	from, to := part.Start.Byte, part.End.Byte
	if !f.isJSON() || of.Start.Byte < 0 || of.End.Byte > len(f.Text) || of.Start.Byte > of.End.Byte {
		return Span{from, to}
	}
	if part.Filename == "" {
		start := of.Start.Byte + 1
		return readJSONText(f.Text, start).span(from, to)
	}
	if !strings.Contains(f.Text[of.Start.Byte:of.End.Byte], `\`) {
		return Span{from, to}
	}
	for at := of.Start.Byte; at < of.End.Byte; at++ {
		if f.Text[at] != '"' {
			continue
		}
		t := readJSONText(f.Text, at+1)
		if from > at && from <= t.end() {
			return t.span(from-at-1, to-at-1)
		}
		at = t.end()
	}
	return Span{from, to}
}
