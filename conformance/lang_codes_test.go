package conformance

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"gatehouse/lang/diag"
)

// elsewhere are the codes that no readable text of a policy gives, each with the test that shows it.
var elsewhere = map[diag.Code]struct{ file, test string }{
	diag.UnreadableFile: {"../lang/syntax/find_test.go", "TestWhatMayNotBeReadIsNamed"},
	diag.TooLarge:       {"lang_codes_test.go", "TestUnreadableFiles"},
	diag.TooDeep:        {"lang_codes_test.go", "TestUnreadableFiles"},
	diag.InvalidText:    {"lang_codes_test.go", "TestUnreadableFiles"},
	diag.ProofFailed:    {"../targets/proof_test.go", "TestProofNeedsEveryDefault"},
}

// TestEveryCodeHasACase proves that no code is only a promise.
func TestEveryCodeHasACase(t *testing.T) {
	seen := map[diag.Code]string{}
	for _, path := range corpus(t) {
		for _, e := range readCase(t, path).want {
			seen[e.Code] = path
		}
	}
	for code, where := range elsewhere {
		seen[code] = where.file
		if err := namesCode(where.file, where.test, code); err != nil {
			t.Errorf("%s: %v", code, err)
		}
	}
	for _, entry := range diag.Catalogue() {
		if seen[entry.Code] == "" {
			t.Errorf("%s: no case in testdata/lang, and no test named for it", entry.Code)
		}
		delete(seen, entry.Code)
	}
	for code, where := range seen {
		t.Errorf("%s wants %q, which the catalogue doesn't have", where, code)
	}
}

// namesCode is an error where a file has no such test, or the test doesn't name the code: as it is printed, or as diag.TooLarge.
func namesCode(file, test string, code diag.Code) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	_, body, found := strings.Cut(string(text), "\nfunc "+test+"(t *testing.T) {\n")
	if !found {
		return fmt.Errorf("%s has no %s", file, test)
	}
	body, _, _ = strings.Cut(body, "\n}\n")
	constant := "diag."
	for word := range strings.SplitSeq(string(code), "-") {
		constant += strings.ToUpper(word[:1]) + word[1:]
	}
	if !regexp.MustCompile(`\b(` + string(code) + `|` + constant + `)\b`).MatchString(body) {
		return fmt.Errorf("%s in %s doesn't speak of it", test, file)
	}
	return nil
}

// TestUnreadableFiles has the mistakes that a readable archive can't hold.
func TestUnreadableFiles(t *testing.T) {
	const root = "gatehouse {\n  policy = \"t\"\n}\n"
	for _, row := range []struct {
		want diag.Code
		line int
		name string
		text string
	}{
		{diag.InvalidText, 1, "utf16.gate.hcl", "w\x00o\x00r\x00k\x00"},
		{diag.InvalidText, 2, "latin1.gate.hcl", "# fine\nworkload \"caf\xe9\" {}\n"},
		{diag.InvalidText, 1, "binary.gate.json", "\x00\x01\x02"},
		{diag.TooDeep, 1, "brackets.gate.hcl", "a = " + strings.Repeat("[", 300_000)},
		{diag.TooDeep, 1, "templates.gate.hcl", "a = " + strings.Repeat(`"${`, 100_000)},
		{diag.TooDeep, 1, "blocks.gate.hcl", strings.Repeat("a { ", 100_000)},
		{diag.TooDeep, 1, "brackets.gate.json", strings.Repeat("[", 300_000)},
		{diag.TooLarge, 1, "huge.gate.hcl", strings.Repeat("# a comment that goes on and on\n", 1<<19+1)},
	} {
		result := compile(t, map[string]string{"root.gate.hcl": root, row.name: row.text}, time.Time{})
		got := result.Diagnostics
		if len(got) != 1 || got[0].Code != row.want || got[0].Subject.Filename != row.name || got[0].Subject.Start.Line != row.line {
			t.Errorf("%s: want %s on line %d, got\n%s", row.name, row.want, row.line, messages(got))
		}
	}
}
