package view

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"gatehouse/lang/diag"
)

// JUnit's XML, as test reports of Jenkins, GitLab and others read it; the elements and attributes are those of
// https://github.com/testmoapp/junitxml. It has no word for a warning: one is told in the output of a case that passes.

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	File    string        `xml:"file,attr,omitempty"`
	Line    int           `xml:"line,attr,omitempty"`
	Failure *junitOutcome `xml:"failure"`
	Error   *junitOutcome `xml:"error"`
	Skipped *junitOutcome `xml:"skipped"`
	Output  string        `xml:"system-out,omitempty"`
}

type junitOutcome struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// JUnit writes a check as tests: one for each file with something to tell, one for each guardrail and subject that it complains of, one for each
// guardrail that complains of nothing, one for each proof.
func JUnit(w io.Writer, f Findings) error {
	list := reportedOf(f)
	found := map[string][]reported{}
	for _, r := range list {
		if r.guardrail() {
			found[r.rule] = append(found[r.rule], r)
		}
	}
	all := junitSuites{Name: "gatehouse check"}
	all.add("policy", f.policyCases(list))
	for _, g := range f.Guardrails {
		all.add("guardrail "+g.ID, f.guardrailCases(g.ID, found[g.ID]))
	}
	var proofs []junitCase
	for _, p := range f.Proofs {
		proofs = append(proofs, junitCase{Name: fmt.Sprintf("%s in %s means what was declared", p.Target, p.Environment), Class: "gatehouse.proof"})
	}
	all.add("proof", proofs)
	return all.write(w)
}

func (s junitSuites) write(w io.Writer) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(s); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s *junitSuites) add(name string, cases []junitCase) {
	if len(cases) == 0 {
		return
	}
	suite := junitSuite{Name: name, Tests: len(cases), Cases: cases}
	for _, c := range cases {
		switch {
		case c.Failure != nil:
			suite.Failures++
		case c.Error != nil:
			suite.Errors++
		case c.Skipped != nil:
			suite.Skipped++
		}
	}
	s.Suites = append(s.Suites, suite)
	s.Tests, s.Failures, s.Errors, s.Skipped = s.Tests+suite.Tests, s.Failures+suite.Failures, s.Errors+suite.Errors, s.Skipped+suite.Skipped
}

// policyCases are one for each file with diagnostics, or a single one that passes.
func (f Findings) policyCases(list []reported) []junitCase {
	const class = "gatehouse.policy"
	var out []junitCase
	if f.Failure != "" {
		out = append(out, junitCase{Name: "the check finishes", Class: class, Error: &junitOutcome{Message: f.Failure}})
	}
	files := map[string][]reported{}
	var names []string
	for _, r := range list {
		if r.guardrail() {
			continue
		}
		if !slices.Contains(names, r.place.Filename) {
			names = append(names, r.place.Filename)
		}
		files[r.place.Filename] = append(files[r.place.Filename], r)
	}
	for _, name := range names {
		c := junitCase{Name: name, Class: class}
		if name == "" {
			c.Name = "the policy"
		} else {
			c.File = f.file(name)
		}
		f.tell(&c, files[name])
		out = append(out, c)
	}
	if len(out) == 0 {
		out = append(out, junitCase{Name: "the policy can be read", Class: class})
	}
	return out
}

// guardrailCases are one for each subject that a guardrail complains of, or a single one that passes.
func (f Findings) guardrailCases(id string, found []reported) []junitCase {
	class := "gatehouse.guardrail." + strings.ReplaceAll(id, "/", ".")
	bySubject := map[string][]reported{}
	var subjects []string
	for _, r := range found {
		if bySubject[r.subject] == nil {
			subjects = append(subjects, r.subject)
		}
		bySubject[r.subject] = append(bySubject[r.subject], r)
	}
	out := make([]junitCase, 0, len(subjects))
	for _, subject := range subjects {
		place := bySubject[subject][0].place
		c := junitCase{Name: subject, Class: class, File: f.file(place.Filename), Line: place.Start.Line}
		f.tell(&c, bySubject[subject])
		out = append(out, c)
	}
	if len(out) == 0 {
		out = append(out, junitCase{Name: "holds", Class: class})
	}
	return out
}

// tell puts what was found of one thing into its case: a failure if anything stands as an error, skipped if something is waived and nothing stands.
func (f Findings) tell(c *junitCase, found []reported) {
	var failures, warnings, waived []string
	first, kind := "", ""
	for _, r := range found {
		text := strings.TrimSpace(fmt.Sprintf("%s[%s]: %s\n%s", r.level, r.rule, r.message, r.remedy))
		if r.place.Filename != "" {
			text = fmt.Sprintf("%s:%d:%d: %s", f.file(r.place.Filename), r.place.Start.Line, r.place.Start.Column, text)
		}
		switch {
		case r.waiver != nil:
			waived = append(waived, r.message+": waived by "+waiverText(r.waiver))
		case r.level == diag.Error:
			if failures = append(failures, text); first == "" {
				first, kind = r.message, r.rule
			}
		default:
			warnings = append(warnings, text)
		}
	}
	switch {
	case len(failures) > 0:
		c.Failure = &junitOutcome{Message: first, Type: kind, Text: strings.Join(failures, "\n\n")}
	case len(waived) > 0:
		c.Skipped = &junitOutcome{Message: strings.Join(waived, "; ")}
	}
	c.Output = strings.Join(warnings, "\n\n")
}
