package view

import (
	"fmt"
	"strings"

	"gatehouse/compiler/access"
)

// Edge says what an edge means, in the remote system's names: "fraud-trainer connects to feast-customer".
func Edge(e access.Edge) string {
	s := who(e) + " " + does(e) + " " + e.To.Name
	if e.ActsAs.Name != "" {
		s = who(e) + " acts as " + e.ActsAs.Name
	}
	if e.Requests != "" {
		s += " for " + e.Requests
	}
	if when := Spans(e.Spans); when != "" {
		s += " " + when
	}
	return s
}

func who(e access.Edge) string {
	switch {
	case e.From.Name != access.Anyone:
		return e.From.Name
	case len(e.Except) == 0:
		return "anyone"
	case len(e.Except) > 4:
		return fmt.Sprintf("anyone but %d others", len(e.Except))
	default:
		return "anyone but " + strings.Join(e.Except, ", ")
	}
}

func does(e access.Edge) string {
	switch e.Verb {
	case access.Connect:
		return "connects to"
	case access.ReadData:
		return "reads"
	case access.WriteData:
		return "writes"
	default:
		return string(e.Verb)
	}
}

// Spans says when access holds; nothing where it always does.
func Spans(spans access.Spans) string {
	var parts []string
	for _, s := range spans {
		begins, hasBegin := s.Begins()
		ends, hasEnd := s.Ends()
		switch {
		case hasBegin && hasEnd:
			parts = append(parts, "from "+moment(begins)+" until "+moment(ends))
		case hasBegin:
			parts = append(parts, "from "+moment(begins))
		case hasEnd:
			parts = append(parts, "until "+moment(ends))
		}
	}
	return strings.Join(parts, " and ")
}

// via says how an edge comes about.
func via(steps []access.Step) string {
	var parts []string
	for _, s := range steps {
		if s.Object == "" {
			parts = append(parts, s.Detail)
			continue
		}
		parts = append(parts, s.Object+": "+s.Detail)
	}
	return strings.Join(parts, "; ")
}
