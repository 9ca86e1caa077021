package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/conformance/realconsul"
	"gatehouse/targets/sandbox/consul"
)

// self is what the double models of /v1/agent/self.
type self struct {
	Config      struct{ Datacenter, PrimaryDatacenter, Version string }
	DebugConfig struct {
		ACLsEnabled            bool
		DefaultIntentionPolicy string
	}
}

// TestAgentSelf compares the double with a real agent, field by field, since the rest of the answer is the agent's own affair.
func TestAgentSelf(t *testing.T) {
	agent := realconsul.Start(t, realconsul.Options{DefaultIntention: "deny"})
	double, err := consul.Open("", "dc1", consul.Options{DefaultIntentionPolicy: "deny"})
	if err != nil {
		t.Fatal(err)
	}
	address, stop, err := double.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	if diff := cmp.Diff(readSelf(t, agent.Address), readSelf(t, address)); diff != "" {
		t.Errorf("-Consul +double:\n%s", diff)
	}
}

func readSelf(t *testing.T, address string) (s self) {
	t.Helper()
	response, err := http.Get(address + "/v1/agent/self")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	return s
}
