package page

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// large is a policy of a thousand workloads, a thousand resources and a hundred thousand grants.
func large() map[string]string {
	files := map[string]string{"policy.gate.hcl": "gatehouse {\n  policy = \"large\"\n  packs = []\n}\nenvironment \"prod\" {\n  tier = \"production\"\n  consul {}\n}\n"}
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, "workload \"job-%d\" {\n  owner = \"team-%d@acme.example\"\n  environments = [environment.prod]\n  labels = { team = \"team-%d\" }\n}\n", i, i%40, i%40)
		fmt.Fprintf(&b, "feature_store \"store-%d\" {\n  owner = \"team-%d@acme.example\"\n  classification = \"%s\"\n  environments = [environment.prod]\n  online {}\n}\n",
			i, i%40, []string{"public", "internal", "confidential", "restricted"}[i%4])
	}
	for i := range 100 {
		var from, to []string
		for j := range 10 {
			from = append(from, fmt.Sprintf("workload.job-%d", i*10+j))
		}
		for j := range 100 {
			to = append(to, fmt.Sprintf("feature_store.store-%d", (i*7+j*11)%1000))
		}
		fmt.Fprintf(&b, "allow \"allow-%d\" {\n  from = [%s]\n  to = [%s]\n  reason = \"for job %d\"\n  expires = \"2027-0%d-01T00:00:00Z\"\n}\n", i, strings.Join(from, ", "), strings.Join(to, ", "), i, 1+i%9)
	}
	files["all.gate.hcl"] = b.String()
	return files
}

func TestAThousandByAThousandScrolls(t *testing.T) {
	b := open(t, evidence(t, large()))
	if got := eval[string](b, `document.getElementById("shown").textContent`); !strings.HasSuffix(got, "1,000 × 1,000 shown") {
		t.Errorf("shown: %s", got)
	}
	eval[bool](b, `(() => { const m = document.querySelector(".matrix"); m.scrollTop = 14000; m.scrollLeft = 14000; return true })()`)
	b.run(chromedp.WaitVisible(chromedp.CSS(`[role=gridcell][data-y="510"]`)))
	if n := eval[int](b, `document.querySelectorAll("[role=gridcell]").length`); n == 0 || n > 3000 {
		t.Errorf("%d cells are in the page", n)
	}
	if eval[int](b, `document.querySelectorAll("*").length`) > 20_000 {
		t.Error("the page holds more than what is in sight")
	}
	b.quiet()
}

// BenchmarkOpen opens the page of a hundred thousand grants, from the click to the first cell.
func BenchmarkOpen(b *testing.B) {
	e := evidence(b, large())
	first := open(b, e)
	file := strings.TrimPrefix(eval[string](first, `location.href`), "file://")
	for b.Loop() {
		begun := time.Now()
		visit(b, filepath.FromSlash(file))
		b.ReportMetric(float64(time.Since(begun).Milliseconds()), "ms/open")
	}
	b.ReportMetric(float64(len(e.Graph.Grants)), "grants")
}
