package access

import (
	"strings"
	"testing"

	"gatehouse/lang/addr"
)

// A resource that no target guards is told of once, with every environment that it is in.
func TestReportUnappliedOnce(t *testing.T) {
	var omissions []Omission
	for _, environment := range []string{"dev", "lab", "prod"} {
		omissions = append(omissions, Omission{Environment: environment, Resource: addr.New(addr.FeatureStore, "clicks"), Lack: LackKind})
	}
	got := ReportUnapplied(omissions)
	if len(got) != 1 || !strings.HasSuffix(got[0].Detail, ` Nor is anything written for it in "lab" and "prod".`) {
		t.Error(got)
	}
}
