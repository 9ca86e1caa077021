package realconsul_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"gatehouse/conformance/realconsul"
)

func TestAgentsRunSideBySide(t *testing.T) {
	open := realconsul.Start(t, realconsul.Options{})
	closed := realconsul.Start(t, realconsul.Options{ACL: true})
	for _, test := range []struct {
		agent *realconsul.Agent
		want  string
	}{
		{open, `true`},
		{closed, `false`},
	} {
		path := "/v1/connect/intentions/check?source=a&destination=b"
		status, body, err := test.agent.Do(context.Background(), http.MethodGet, path, nil)
		if err != nil || status != http.StatusOK || !strings.Contains(string(body), test.want) {
			t.Errorf("%s: %d %s %v, want Allowed %s", test.agent.Address, status, body, err, test.want)
		}
	}
}
