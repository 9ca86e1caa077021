package diag_test

import (
	"fmt"
	"strings"
	"testing"

	"gatehouse/lang/diag"
)

func TestNearest(t *testing.T) {
	for _, c := range []struct{ want, word, known string }{
		{"workload", "workloda", "group workload"},
		{"workload", "Workloads", "group workload"},
		{"in", "inn", "online in"},
		{"service_account", "service-acount", "service service_account"},
		{"production", "prod", "production staging development"},
		{"development", "Dev", "production staging development"},
		{"http", "https", "tcp http http2 grpc"},
		{"aab", "aax", "aac aab"},
		{"", "a", "b c"},
		{"", "pr", "production"},
		{"", "fraud", "fraud-trainer fraud-scorer"},
		{"", "secret", "public internal confidential restricted"},
		{"", "", "a"},
		{"", strings.Repeat("x", 101), strings.Repeat("x", 101)},
	} {
		if got := diag.Nearest(c.word, strings.Fields(c.known)); got != c.want {
			t.Errorf("%q among %s: got %q, want %q", c.word, c.known, got, c.want)
		}
	}
}

func ExampleNearest() {
	fmt.Println(diag.Nearest("prod", []string{"production", "staging", "development"}))
	// Output: production
}

func ExampleListed() {
	fmt.Println(diag.Listed([]string{"read", "write", "connect"}, "or"))
	fmt.Println(diag.Article("environment"), "and", diag.Article("workload"))
	// Output:
	// read, write or connect
	// an environment and a workload
}
