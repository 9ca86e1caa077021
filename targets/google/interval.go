package google

import (
	"fmt"
	"strings"

	"gatehouse/compiler/access"
)

// during returns the condition that holds in some spans and at no other time, and how many logical operators it has. What always
// holds needs none. See https://cloud.google.com/iam/docs/configuring-temporary-access.
func during(spans access.Spans) (c condition, operators int) {
	if len(spans) == 1 && spans[0] == access.Always {
		return condition{}, 0
	}
	var clauses []string
	for _, s := range spans {
		clause, n := clause(s)
		if n > 0 && len(spans) > 1 {
			clause = "(" + clause + ")"
		}
		clauses = append(clauses, clause)
		operators += n
	}
	operators += len(spans) - 1
	return condition{set: true, title: titleOf(spans), expression: strings.Join(clauses, " || ")}, operators
}

// clause says one span; not both ends are open.
func clause(s access.Span) (text string, operators int) {
	var parts []string
	if begin, ok := s.Begins(); ok {
		parts = append(parts, fmt.Sprintf("request.time >= timestamp(%q)", begin.Format(second)))
	}
	if end, ok := s.Ends(); ok {
		parts = append(parts, fmt.Sprintf("request.time < timestamp(%q)", end.Format(second)))
	}
	return strings.Join(parts, " && "), len(parts) - 1
}

const second = "2006-01-02T15:04:05Z"

// titleOf derives a condition's title from its interval alone, so that it never changes without the access. It stays below the 100
// characters that consoles show.
func titleOf(spans access.Spans) string {
	text := "gatehouse"
	if begin, ok := spans[0].Begins(); ok {
		text += " " + begin.Format(second)
		if _, ends := spans[0].Ends(); !ends {
			text += " on"
		}
	}
	if end, ok := spans[0].Ends(); ok {
		if _, begins := spans[0].Begins(); begins {
			text += " to"
		} else {
			text += " until"
		}
		text += " " + end.Format(second)
	}
	if more := len(spans) - 1; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
