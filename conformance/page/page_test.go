package page

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"gatehouse/compiler/access"
	"gatehouse/targets"
	"gatehouse/targets/drift"
)

// shop is a policy with something for every section. Its reasons try to break out of the page.
var shop = map[string]string{"policy.gate.hcl": `
gatehouse {
  policy = "shop"
  packs  = ["baseline"]
}
environment "dev" {
  tier = "development"
  consul {
    address = "http://dev.example:8500"
  }
}
environment "prod" {
  tier = "production"
  consul {
    address = "http://prod.example:8500"
  }
}
workload "trainer" {
  owner        = "ml@acme.example"
  environments = [environment.dev, environment.prod]
  labels       = { team = "ml" }
}
workload "notebooks" {
  owner        = "ds@acme.example"
  environments = [environment.dev, environment.prod]
  labels       = { team = "ds" }
  interactive  = true
}
feature_store "features" {
  owner          = "platform@acme.example"
  classification = "restricted"
  environments   = [environment.dev, environment.prod]
  online {}
}
feature_store "calendar" {
  owner          = "platform@acme.example"
  classification = "public"
  environments   = [environment.prod]
  online {}
}
allow "training" {
  from    = [workload.trainer]
  to      = [feature_store.features, feature_store.calendar]
  actions = [read, write]
  reason  = "</script><script>document.body.dataset.broken='yes'</script><img src=x onerror=alert(1)>"
  expires = "2026-12-20T00:00:00Z"
}
allow "exploring" {
  from   = [workload.notebooks]
  to     = [feature_store.features, feature_store.calendar]
}
deny "no-notebooks" {
  from   = [workload.notebooks]
  to     = [feature_store.features]
  reason = "notebooks are not reviewed"
}
exception "no-reason" {
  guardrail   = "ownership/reason-is-given"
  subjects    = [allow.exploring]
  reason      = "until the audit"
  approved_by = "security@acme.example"
  expires     = "2027-01-31T00:00:00Z"
}
test "notebooks never see features" {
  environment = environment.prod
  from        = [workload.notebooks]
  to          = [feature_store.features]
  expect      = "deny"
}
`}

func TestThePageTellsAll(t *testing.T) {
	b := open(t, evidence(t, shop))
	text := eval[string](b, `document.body.innerText`)
	for _, want := range []string{
		"as of 2026-12-01T12:00:00Z", "exception.no-reason", "security@acme.example", "until the audit", "notebooks never see features",
		"allow.training", "2026-12-20T00:00:00Z", "Nobody looked at the world", "SOC 2 CC6.1", "3 pairs of 2 × 2 shown", "Expiries ahead",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page doesn't say %q", want)
		}
	}
	b.quiet()
}

func TestNothingInAPolicyBreaksOut(t *testing.T) {
	b := open(t, evidence(t, shop))
	b.run(chromedp.Click(chromedp.CSS(`[role=gridcell][aria-label="workload.trainer can read and write feature_store.features.online"]`)))
	if eval[bool](b, `document.body.dataset.broken === "yes" || document.images.length > 0 || document.scripts.length !== 2`) {
		t.Error("a reason became markup")
	}
	if !strings.Contains(eval[string](b, `document.querySelector(".panel").innerText`), "</script><script>") {
		t.Error("the reason isn't shown as it stands")
	}
	b.quiet()
}

func TestACellShowsTheLinesBehindIt(t *testing.T) {
	b := open(t, evidence(t, shop))
	b.run(chromedp.Click(chromedp.CSS(`[role=gridcell][aria-label^="workload.trainer"][aria-label$="features.online"]`)))
	text := eval[string](b, `document.querySelector(".panel").innerText`)
	for _, want := range []string{"workload.trainer → feature_store.features.online", "restricted", "allow.training", "policy.gate.hcl:41", "until 2026-12-20T00:00:00Z", "read in prod", "write in dev"} {
		if !strings.Contains(text, want) {
			t.Errorf("the panel doesn't say %q:\n%s", want, text)
		}
	}
	b.quiet()
}

func TestTheMatrixByKeyboard(t *testing.T) {
	b := open(t, evidence(t, shop))
	label := func() string { return eval[string](b, `document.activeElement.getAttribute("aria-label") || ""`) }
	b.run(chromedp.Focus(chromedp.CSS(`[role=gridcell][tabindex="0"]`)))
	for _, step := range []struct{ key, want string }{
		{kb.Home, "workload.notebooks can read feature_store.calendar.online"},
		{kb.ArrowRight, "workload.notebooks can't reach feature_store.features.online"},
		{kb.ArrowDown, "workload.trainer can read and write feature_store.features.online"},
		{kb.ArrowDown, "workload.trainer can read and write feature_store.features.online"},
		{kb.ArrowLeft, "workload.trainer can read and write feature_store.calendar.online"},
		{kb.ArrowUp, "workload.notebooks can read feature_store.calendar.online"},
	} {
		b.run(chromedp.KeyEvent(step.key))
		if got := label(); got != step.want {
			t.Errorf("after %q: %s, want %s", step.key, got, step.want)
		}
	}
	b.run(chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.Enter))
	if text := eval[string](b, `document.querySelector(".panel").innerText`); !strings.Contains(text, "denied: read") || !strings.Contains(text, "deny.no-notebooks") {
		t.Errorf("the panel doesn't show the deny:\n%s", text)
	}
	b.quiet()
}

func TestFilters(t *testing.T) {
	b := open(t, evidence(t, shop))
	pick := func(name, value string) string {
		eval[bool](b, `(() => { const label = [...document.querySelectorAll(".filters label")].find(l => l.firstChild.textContent === "`+name+`");
			const s = label.querySelector("select"); s.value = "`+value+`"; s.dispatchEvent(new Event("change")); return true })()`)
		return eval[string](b, `document.getElementById("shown").textContent`)
	}
	for _, c := range []struct{ name, value, want string }{
		{"Environment", "dev", "1 pair of 1 × 1 shown"},
		{"Environment", "", "3 pairs of 2 × 2 shown"},
		{"Tier", "production", "3 pairs of 2 × 2 shown"},
		{"Classification", "public", "2 pairs of 2 × 1 shown"},
		{"Team", "ds", "1 pair of 1 × 1 shown"},
	} {
		if got := pick(c.name, c.value); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.name, c.value, got, c.want)
		}
	}
	b.quiet()
}

func TestDrawings(t *testing.T) {
	b := open(t, evidence(t, shop))
	for _, c := range []struct{ label, value, want string }{
		{"Who reaches the resource", "feature_store.features.online", "1 workload reaches feature_store.features.online"},
		{"What is reached by the workload", "workload.trainer", "workload.trainer reaches 2 resources"},
	} {
		eval[bool](b, `(() => { const label = [...document.querySelectorAll(".filters label")].find(l => l.firstChild.textContent === "`+c.label+`");
			const i = label.querySelector("input"); i.value = "`+c.value+`"; i.dispatchEvent(new Event("change")); return true })()`)
		if got := eval[string](b, `document.querySelector(".drawing svg").getAttribute("aria-label")`); got != c.want {
			t.Errorf("%s: %s, want %s", c.value, got, c.want)
		}
		if n := eval[int](b, `document.querySelectorAll(".drawing svg path").length`); n < 2 {
			t.Errorf("%s: %d lines are drawn", c.value, n)
		}
	}
	b.quiet()
}

func TestADrawingOfNothing(t *testing.T) {
	b := open(t, evidence(t, shop))
	eval[bool](b, `(() => { const i = document.querySelectorAll("input[list]")[0]; i.value = "feature_store.featurs"; i.dispatchEvent(new Event("change")); return true })()`)
	if got := eval[string](b, `document.querySelector(".drawing").innerText`); got != "The policy has no resource feature_store.featurs." {
		t.Errorf("the drawing says %q", got)
	}
	b.quiet()
}

func TestTheDrawingsByKeyboard(t *testing.T) {
	b := open(t, evidence(t, shop))
	b.run(chromedp.Focus(chromedp.CSS(`[role=gridcell][tabindex="0"]`)))
	b.run(chromedp.KeyEvent(kb.Enter))
	b.run(chromedp.Focus(chromedp.CSS(`.panel button:last-of-type`)))
	b.run(chromedp.KeyEvent(kb.Enter))
	want := "2 workloads reach feature_store.calendar.online"
	if got := eval[string](b, `document.querySelector(".drawing svg").getAttribute("aria-label")`); got != want {
		t.Errorf("drawn: %s, want %s", got, want)
	}
	b.quiet()
}

// What is wrong is said at the top, not only far below.
func TestTheSummarySaysWhatIsWrong(t *testing.T) {
	files := map[string]string{"policy.gate.hcl": shop["policy.gate.hcl"] + `
test "trainers never see the calendar" {
  environment = environment.prod
  from        = [workload.trainer]
  to          = [feature_store.calendar]
  expect      = "deny"
}
`}
	e := evidence(t, files)
	e.Diagnostics = access.ReportTests(e.Tests)
	stranger := access.Edge{From: access.Principal{Name: "eve"}, To: access.Surface{Name: "features"}, Verb: access.Connect, Spans: access.Spans{access.Always}}
	e.DriftOf = "snapshot"
	e.Drift = &drift.Report{Time: noon, Rows: []drift.Row{
		{Kind: drift.Bypass, Severity: drift.Drift, Environment: "prod", Target: access.Consul, Detail: "eve may connect to features.", Access: drift.Access{Gives: []access.Edge{stranger}}},
		{
			Kind: drift.Extra, Severity: drift.Drift, Environment: "prod", Target: access.Consul, Object: targets.Key{Kind: "service-intentions", Name: "features"},
			Detail: "nothing declares it.", Access: drift.Access{Gives: []access.Edge{stranger}}, Lines: []targets.Line{{Addr: "allow.training", File: "policy.gate.hcl", Line: 41}},
		},
		{Kind: drift.Posture, Severity: drift.Note, Environment: "prod", Target: access.Consul, Detail: "the default is allow"},
	}}
	b := open(t, e)
	text := eval[string](b, `document.getElementById("summary").innerText`)
	for _, want := range []string{
		"failed: 1 error", "1 test of 2 fails: trainers never see the calendar.",
		"The snapshot differs from the policy: 2 differences, 1 of them access that nothing declares.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the summary doesn't say %q:\n%s", want, text)
		}
	}
	text = eval[string](b, `document.body.innerText`)
	for _, want := range []string{
		"workload.trainer may read feature_store.calendar.online", "It means: eve connects to features", "allow.training at policy.gate.hcl:41", "posture (note)",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page doesn't say %q", want)
		}
	}
	b.quiet()
}

func TestAPolicyOfNothing(t *testing.T) {
	b := open(t, evidence(t, map[string]string{"policy.gate.hcl": "gatehouse {\n  policy = \"empty\"\n  packs  = []\n}\n"}))
	if text := eval[string](b, `document.getElementById("access").innerText`); !strings.Contains(text, "Nobody reaches anything under these filters.") {
		t.Errorf("the page doesn't say that nothing is there:\n%s", text)
	}
	b.quiet()
}

// What a person can act on has a name that a screen reader says.
func TestEverythingToActOnHasAName(t *testing.T) {
	b := open(t, evidence(t, shop))
	nodes := call(b, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{}).Nodes
	acts := map[string]bool{"button": true, "combobox": true, "searchbox": true, "textbox": true, "checkbox": true, "link": true, "gridcell": true, "grid": true, "region": true}
	seen := 0
	for _, n := range nodes {
		if n.Ignored || n.Role == nil || !acts[strings.Trim(string(n.Role.Value), `"`)] {
			continue
		}
		seen++
		if n.Name == nil || strings.Trim(string(n.Name.Value), `"`) == "" {
			t.Errorf("a %s has no name", n.Role.Value)
		}
	}
	if seen < 20 {
		t.Errorf("only %d things to act on were found", seen)
	}
}

// Text stands out from its ground by at least 4.5 to 1, in both schemes (WCAG 2.2, 1.4.3).
func TestContrast(t *testing.T) {
	b := open(t, evidence(t, shop))
	for _, scheme := range []string{"light", "dark"} {
		b.scheme(scheme)
		for _, weak := range eval[[]string](b, weakTexts) {
			t.Errorf("%s: %s", scheme, weak)
		}
	}
}

const weakTexts = `(() => {
  const parse = c => { const m = c.match(/[\d.]+/g).map(Number); return m.length > 3 ? m : [...m, 1]; };
  const lum = c => { const [r, g, b] = c.slice(0, 3).map(v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
  const ground = n => { for (; n; n = n.parentElement) { const c = parse(getComputedStyle(n).backgroundColor); if (c[3] > 0) return c; } return [255, 255, 255, 1]; };
  const out = new Set();
  for (const n of document.querySelectorAll("body *")) {
    if (![...n.childNodes].some(c => c.nodeType === 3 && c.textContent.trim()) || !n.offsetParent) continue;
    const a = lum(parse(getComputedStyle(n).color)), b = lum(ground(n)), ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) out.add(n.tagName + "." + n.className + " " + ratio.toFixed(2) + " " + n.textContent.trim().slice(0, 30));
  }
  return [...out];
})()`

func TestOnPaper(t *testing.T) {
	b := open(t, evidence(t, shop))
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	text := eval[string](b, `document.body.innerText`)
	if !strings.Contains(text, "Grants that hold") || eval[bool](b, `document.querySelector(".matrix").offsetParent !== null`) {
		t.Error("on paper the grants are a table, and no matrix")
	}
}

func TestTheThemeCanBeChosen(t *testing.T) {
	b := open(t, evidence(t, shop))
	b.scheme("light")
	ground := func() string { return eval[string](b, `getComputedStyle(document.body).backgroundColor`) }
	before := ground()
	b.run(chromedp.Click(chromedp.CSS("#theme")))
	if after := ground(); after == before {
		t.Errorf("the ground stays %s", after)
	}
}

func (b *tab) scheme(name string) {
	b.t.Helper()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}})
}
