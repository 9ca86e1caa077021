package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gatehouse/compiler/access"
	"gatehouse/lang/model"
)

func TestConsulAddress(t *testing.T) {
	for _, tt := range []struct {
		want, policy, variable string
	}{
		{"https://consul.prod:8501", "https://consul.prod:8501", ""},
		{"https://consul.prod:8501", "https://consul.prod:8501", "https://CONSUL.prod:8501/"},
		{"https://consul.prod", "https://consul.prod", "https://consul.prod:443"},
		{"http://127.0.0.1:8500", "", "127.0.0.1:8500"},
		{"https://consul", "", "https://consul"},
		{"error: has no Consul address", "", ""},
		{"error: unset the variable", "https://consul.prod:8501", "127.0.0.1:8500"},
		{"error: unset the variable", "https://consul.prod:8501", "http://consul.prod:8501"},
	} {
		env := access.Environment{Name: "prod", Consul: &model.Consul{Address: tt.policy}}
		got, err := consulAddress(env, tt.variable)
		if want, ok := strings.CutPrefix(tt.want, "error: "); ok {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("address %q, variable %q: got %q, %v; want an error with %q", tt.policy, tt.variable, got, err, want)
			}
			continue
		}
		if err != nil || got != tt.want {
			t.Errorf("address %q, variable %q: got %q, %v; want %q", tt.policy, tt.variable, got, err, tt.want)
		}
	}
}

func TestConsulToken(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		want  string
		alone bool
		vars  map[string]string
	}{
		{"", true, nil},
		{"own", true, map[string]string{"GATEHOUSE_CONSUL_TOKEN_US_EAST": "own", "CONSUL_HTTP_TOKEN": "shell"}},
		{"from-file", false, map[string]string{"GATEHOUSE_CONSUL_TOKEN_US_EAST_FILE": file}},
		{"shell", true, map[string]string{"CONSUL_HTTP_TOKEN": "shell"}},
		{"from-file", true, map[string]string{"CONSUL_HTTP_TOKEN_FILE": file}},
		{"", false, map[string]string{"CONSUL_HTTP_TOKEN": "shell"}},
	} {
		got, err := consulToken("us-east", tt.alone, func(name string) string { return tt.vars[name] })
		if err != nil || got != tt.want {
			t.Errorf("alone %t, %v: got %q, %v; want %q", tt.alone, tt.vars, got, err, tt.want)
		}
	}
}
