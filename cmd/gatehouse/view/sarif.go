package view

import (
	"bytes"
	"io"
	"net/url"
	"strings"
	"unicode/utf16"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/diag"
	"gatehouse/policies"
)

// SARIF 2.1.0, as GitHub's code scanning and other viewers read it:
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html. The types below are the part of the
// format that is written; a general library would write many empty fields beside.
//
// Files are relative to %SRCROOT%, the top of the repository, which is not named: a report is the same on every machine.

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool        sarifTool                `json:"tool"`
	Invocations []sarifInvocation        `json:"invocations"`
	Bases       map[string]sarifArtifact `json:"originalUriBaseIds"`
	ColumnKind  string                   `json:"columnKind"`
	Results     []sarifResult            `json:"results"`
	Properties  map[string]string        `json:"properties"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"version,omitempty"`
	Rules   []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID            string              `json:"id"`
	Name          string              `json:"name,omitempty"`
	Short         sarifText           `json:"shortDescription"`
	Full          sarifText           `json:"fullDescription"`
	Help          sarifText           `json:"help"`
	Configuration sarifLevel          `json:"defaultConfiguration"`
	Properties    sarifRuleProperties `json:"properties"`
}

type sarifLevel struct {
	Level string `json:"level"`
}

type sarifRuleProperties struct {
	Severity string   `json:"security-severity"`
	Tags     []string `json:"tags"`
}

type sarifText struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

type sarifInvocation struct {
	Successful    bool                `json:"executionSuccessful"`
	Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
}

type sarifNotification struct {
	Level   string    `json:"level"`
	Message sarifText `json:"message"`
}

type sarifResult struct {
	Rule         string             `json:"ruleId"`
	Index        int                `json:"ruleIndex"`
	Level        string             `json:"level"`
	Message      sarifText          `json:"message"`
	Locations    []sarifLocation    `json:"locations"`
	Related      []sarifLocation    `json:"relatedLocations,omitempty"`
	Fingerprints map[string]string  `json:"partialFingerprints"`
	Fixes        []sarifFix         `json:"fixes,omitempty"`
	Suppressions []sarifSuppression `json:"suppressions"` // empty, not absent: nothing suppresses it
}

type sarifLocation struct {
	ID       *int           `json:"id,omitempty"`
	Physical sarifPhysical  `json:"physicalLocation"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	Message  *sarifText     `json:"message,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifLogical struct {
	Name string `json:"fullyQualifiedName"`
	Kind string `json:"kind"`
}

type sarifArtifact struct {
	URI         string     `json:"uri,omitempty"`
	Base        string     `json:"uriBaseId,omitempty"`
	Description *sarifText `json:"description,omitempty"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
	EndLine     int `json:"endLine"`
	EndColumn   int `json:"endColumn"` // exclusive
}

type sarifFix struct {
	Description sarifText     `json:"description"`
	Changes     []sarifChange `json:"artifactChanges"`
}

type sarifChange struct {
	Artifact     sarifArtifact      `json:"artifactLocation"`
	Replacements []sarifReplacement `json:"replacements"`
}

type sarifReplacement struct {
	Deleted  sarifRegion `json:"deletedRegion"`
	Inserted sarifText   `json:"insertedContent"`
}

type sarifSuppression struct {
	Kind          string         `json:"kind"`
	Status        string         `json:"status"`
	Justification string         `json:"justification"`
	Location      *sarifLocation `json:"location,omitempty"`
}

// srcRoot is the name that viewers know for the top of the repository.
const srcRoot = "%SRCROOT%"

// SARIF writes a check as a SARIF log. What has no place in a file, such as a run that could not finish, is a notification, and the run is then
// not a successful one.
func SARIF(w io.Writer, f Findings, version string) error {
	f.Source = readOnce(f.Source)
	rules := rulesOf(f)
	run := sarifRun{
		Tool:        sarifTool{sarifDriver{Name: "gatehouse", Version: version, Rules: []sarifRule{}}},
		Invocations: []sarifInvocation{{Successful: f.Failure == ""}},
		Bases:       map[string]sarifArtifact{srcRoot: {Description: &sarifText{Text: "The top of the repository."}}},
		ColumnKind:  "utf16CodeUnits",
		Results:     []sarifResult{},
		Properties:  map[string]string{"policy": f.Policy, "time": moment(f.Time)},
	}
	index := map[string]int{}
	for i, r := range rules {
		index[r.id] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(r))
	}
	invocation := &run.Invocations[0]
	if f.Failure != "" {
		invocation.Notifications = append(invocation.Notifications, sarifNotification{"error", sarifText{Text: f.Failure}})
	}
	for _, r := range reportedOf(f) {
		if r.place.Filename == "" {
			invocation.Successful = invocation.Successful && r.level != diag.Error
			invocation.Notifications = append(invocation.Notifications, sarifNotification{r.level.String(), sarifText{Text: sentence(r.message) + " " + r.remedy}})
			continue
		}
		run.Results = append(run.Results, f.sarifResult(r, index[r.rule]))
	}
	return JSON(w, sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

func sarifRuleOf(r rule) sarifRule {
	help := sarifText{r.description, r.description}
	for _, part := range []struct{ head, text string }{{"Why.", r.rationale}, {"What to do.", r.remedy}} {
		if part.text != "" {
			help.Text += "\n\n" + part.text
			help.Markdown += "\n\n**" + part.head + "** " + part.text
		}
	}
	return sarifRule{
		ID: r.id, Name: pascal(r.id), Short: sarifText{Text: r.title}, Full: sarifText{Text: r.description}, Help: help, Configuration: sarifLevel{r.level.String()},
		Properties: sarifRuleProperties{securitySeverity(r.severity), append([]string{"security"}, r.controls...)},
	}
}

// pascal is an id as viewers want names: ownership/owner-is-set is OwnershipOwnerIsSet.
func pascal(id string) string {
	var out strings.Builder
	for _, word := range strings.FieldsFunc(id, func(r rune) bool { return r == '-' || r == '/' }) {
		out.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return out.String()
}

// securitySeverity is a severity as the number that GitHub sorts by: above 9 is critical, 7 high, 4 medium.
func securitySeverity(s policies.Severity) string {
	switch s {
	case policies.Critical:
		return "9.5"
	case policies.High:
		return "8.0"
	case policies.Low:
		return "3.0"
	default:
		return "5.5"
	}
}

func (f Findings) sarifResult(r reported, index int) sarifResult {
	out := sarifResult{
		Rule: r.rule, Index: index, Level: r.level.String(),
		Message:      sarifText{Text: strings.TrimSpace(sentence(r.message) + " " + r.remedy)},
		Locations:    []sarifLocation{{Physical: f.sarifPlace(r.place)}},
		Fingerprints: map[string]string{"gatehouse/v1": r.print, "primaryLocationLineHash": r.print[:16] + ":1"},
		Suppressions: []sarifSuppression{},
	}
	if r.guardrail() {
		out.Locations[0].Logical = []sarifLogical{{r.subject, "declaration"}}
	}
	for i, related := range r.related {
		if related.Range.Filename != "" {
			out.Related = append(out.Related, sarifLocation{ID: &i, Physical: f.sarifPlace(related.Range), Message: &sarifText{Text: related.Message}})
		}
	}
	for _, fix := range r.fixes {
		out.Fixes = append(out.Fixes, f.sarifFix(fix))
	}
	if r.waiver != nil {
		place := sarifLocation{Physical: f.sarifPlace(r.waiver.Range)}
		out.Suppressions = append(out.Suppressions, sarifSuppression{"inSource", "accepted", waiverText(r.waiver), &place})
	}
	return out
}

func (f Findings) sarifArtifact(name string) sarifArtifact {
	return sarifArtifact{URI: (&url.URL{Path: f.file(name)}).String(), Base: srcRoot}
}

func (f Findings) sarifPlace(r hcl.Range) sarifPhysical {
	p := sarifPhysical{Artifact: f.sarifArtifact(r.Filename)}
	if r.Start.Line > 0 {
		region := f.sarifRegion(r)
		p.Region = &region
	}
	return p
}

// sarifRegion converts columns, which a policy counts in characters as people see them.
func (f Findings) sarifRegion(r hcl.Range) sarifRegion {
	return sarifRegion{r.Start.Line, f.column16(r.Filename, r.Start), r.End.Line, f.column16(r.Filename, r.End)}
}

// column16 is the column of a place in UTF-16 units, from 1.
func (f Findings) column16(file string, p hcl.Pos) int {
	var src []byte
	if f.Source != nil {
		src = f.Source(file)
	}
	if p.Byte > len(src) {
		return max(1, p.Column)
	}
	start := bytes.LastIndexByte(src[:p.Byte], '\n') + 1
	return len(utf16.Encode([]rune(string(src[start:p.Byte])))) + 1
}

// readOnce keeps the texts of files: a source may read a file anew whenever it is asked.
func readOnce(source func(string) []byte) func(string) []byte {
	texts := map[string][]byte{}
	return func(file string) []byte {
		text, known := texts[file]
		if !known && source != nil {
			text = source(file)
			texts[file] = text
		}
		return text
	}
}

func (f Findings) sarifFix(fix diag.Fix) sarifFix {
	out := sarifFix{Description: sarifText{Text: fix.Message}}
	for _, e := range fix.Edits {
		replacement := sarifReplacement{f.sarifRegion(e.Range), sarifText{Text: e.Text}}
		if last := len(out.Changes) - 1; last >= 0 && out.Changes[last].Artifact.URI == f.sarifArtifact(e.Range.Filename).URI {
			out.Changes[last].Replacements = append(out.Changes[last].Replacements, replacement)
			continue
		}
		out.Changes = append(out.Changes, sarifChange{f.sarifArtifact(e.Range.Filename), []sarifReplacement{replacement}})
	}
	return out
}

// sentence ends a summary with a full stop.
func sentence(s string) string {
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".?!") {
		return s
	}
	return s + "."
}

// waiverText says who waived a finding, why and until when.
func waiverText(w *policies.Waiver) string {
	out := w.Exception.String()
	if !w.Expires.IsZero() {
		out += " until " + moment(w.Expires)
	}
	if w.ApprovedBy != "" {
		out += ", approved by " + w.ApprovedBy
	}
	if w.Reason != "" {
		out += ": " + w.Reason
	}
	return out
}
