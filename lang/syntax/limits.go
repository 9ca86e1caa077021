package syntax

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/diag"
)

// The limits on one file. They hold before the HCL parser sees the text, since it recurses without a limit (a stack overflow can't be
// recovered from), keeps about a hundred bytes for each token, and takes quadratic time over some inputs. A policy of a hundred
// thousand allows spread over a few files stays far below them.
const (
	maxFile    = 16 << 20  // bytes
	maxTokens  = 6_000_000 // at most; counted generously
	maxNesting = 200       // brackets, templates, blocks, and operators that follow each other
	maxLines   = 200       // of a heredoc: the parser joins them two by two
	maxBodies  = 100_000   // of blocks in one piece
	maxDigits  = 100       // of a number: reading one takes quadratic time
)

const tooDeepDetail = "Brackets, templates, blocks and chains of operators may nest 200 deep. Flatten the expression, or split it."

// mark is the UTF-8 byte order mark that some editors put first. It is skipped, and Format takes it away.
var mark = []byte{0xEF, 0xBB, 0xBF}

func byteOrderMark(src []byte) []byte {
	if bytes.HasPrefix(src, mark) {
		return mark
	}
	return nil
}

// limit checks what both syntaxes have in common: size and encoding.
func limit(src []byte, name string) *diag.Diagnostic {
	if len(src) > maxFile {
		return refuse(diag.TooLarge, hcl.Range{Filename: name, Start: hcl.InitialPos, End: hcl.InitialPos},
			fmt.Sprintf("the file is larger than %d MiB", maxFile>>20), "Split it: all files below the root belong to the policy.")
	}
	if at := bytes.IndexByte(src, 0); at >= 0 {
		return refuse(diag.InvalidText, place(src, name, at, 1), "the file holds a NUL byte",
			"A policy is UTF-8 text. Is this a binary file, or UTF-16? Save it as UTF-8.")
	}
	if !utf8.Valid(src) {
		return refuse(diag.InvalidText, place(src, name, firstInvalid(src), 1), "the file is not UTF-8",
			"A policy is UTF-8 text. Save it with that encoding.")
	}
	if len(src) > maxTokens && tokens(src) > maxTokens { // none is shorter than a byte
		return refuse(diag.TooLarge, hcl.Range{Filename: name, Start: hcl.InitialPos, End: hcl.InitialPos},
			"the file holds more words and signs than a policy file may", "Split it: all files below the root belong to the policy.")
	}
	return nil
}

// limitNumber refuses a text with a number that takes too long to read.
func limitNumber(src []byte, name string) *diag.Diagnostic {
	if at, long := longNumber(src); long {
		return refuse(diag.TooLarge, place(src, name, at, maxDigits), fmt.Sprintf("a number has more than %d digits", maxDigits),
			"No attribute takes such a number. Write a text in quotes.")
	}
	return nil
}

// withoutLongNumbers gives a text in which a zero and blanks stand for such numbers, so that what else is wrong with the file can be said as well; each
// is reported, and its place noted as broken. There are few: beyond that the file is refused.
func (r *reader) withoutLongNumbers(src []byte, name string) ([]byte, bool) {
	const most = 20
	for n := 0; ; n++ {
		at, long := longNumber(src)
		if !long {
			return src, true
		}
		refused := limitNumber(src, name)
		r.diags, r.partial = append(r.diags, *refused), true
		if n == most {
			return nil, false
		}
		end := at
		for end < len(src) && (src[end] >= '0' && src[end] <= '9' || src[end] == '.') {
			end++
		}
		refused.Subject.End = place(src, name, end, 0).Start
		r.unreadable = append(r.unreadable, refused.Subject)
		src = bytes.Clone(src)
		copy(src[at:end], append([]byte{'0'}, bytes.Repeat([]byte{' '}, end-at-1)...))
	}
}

func refuse(code diag.Code, at hcl.Range, summary, detail string) *diag.Diagnostic {
	return &diag.Diagnostic{Code: code, Severity: diag.Error, Subject: at, Summary: summary, Detail: detail}
}

// place computes a range from an offset; columns count bytes, since the text may be no text.
func place(src []byte, name string, at, size int) hcl.Range {
	line := 1 + bytes.Count(src[:at], []byte{'\n'})
	column := at - bytes.LastIndexByte(src[:at], '\n')
	start := hcl.Pos{Line: line, Column: column, Byte: at}
	return hcl.Range{Filename: name, Start: start, End: hcl.Pos{Line: line, Column: column + size, Byte: at + size}}
}

func firstInvalid(src []byte) int {
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return 0
}

// tokens counts the words and signs of a text, wherever they stand: no fewer than the parser's tokens.
func tokens(src []byte) int {
	count, word := 0, false
	for _, c := range src {
		switch classes[c] {
		case isWord:
			if !word {
				count++
			}
			word = true
		case isSpace:
			word = false
		default:
			count++
			word = false
		}
	}
	return count
}

const (
	isSign = iota
	isWord
	isSpace
)

var classes = func() (t [256]uint8) {
	for c := range t {
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c == '-', c >= 0x80:
			t[c] = isWord
		case c == ' ', c == '\t':
			t[c] = isSpace
		}
	}
	return t
}()
