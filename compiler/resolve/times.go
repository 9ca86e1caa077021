package resolve

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/lang/schema"
	"gatehouse/lang/syntax"
)

// interval reads not_before and expires. The second result is the place of expires, zero where there is none.
func (r *resolver) interval(d *declaration) (model.Interval, hcl.Range) {
	start, hasStart := r.moment(d.block, "not_before")
	end, hasEnd := r.moment(d.block, "expires")
	notBefore, _ := d.block.Attr("not_before")
	expires, _ := d.block.Attr("expires")
	if hasStart && hasEnd && !start.Before(end) {
		r.error(diag.EmptyInterval, expires.Range, fmt.Sprintf("%s ends before it begins", d.addr),
			fmt.Sprintf("It begins at %s, and at %s it has ended already. Put expires after not_before.", start.Format(time.RFC3339), end.Format(time.RFC3339)),
			diag.Related{Message: "it begins here", Range: notBefore.Range})
	}
	return model.Interval{NotBefore: start, Expires: end}, expires.Range
}

// moment reads a time in whole UTC seconds; false where it is absent or was reported.
func (r *resolver) moment(b *syntax.Block, name string) (time.Time, bool) {
	t, ok := r.text(b, name)
	if !ok {
		return time.Time{}, false
	}
	at, err := time.Parse(time.RFC3339, t.Value)
	switch {
	case err != nil:
		r.error(diag.InvalidTime, t.Range, fmt.Sprintf("%q is not a time", t.Value), timeTip(b, name, t.Value))
		r.mendText(t, syntax.SurelyTime(t.Value))
	case at.Nanosecond() != 0 || strings.ContainsAny(t.Value, ".,"):
		r.error(diag.InvalidTime, t.Range, fmt.Sprintf("%q has a fraction of a second", t.Value),
			fmt.Sprintf("Access begins and ends at whole seconds. Write %s.", at.Truncate(time.Second).Format(time.RFC3339)))
		r.mendText(t, at.Truncate(time.Second).Format(time.RFC3339))
	case at.Year() < 1970:
		r.error(diag.InvalidTime, t.Range, fmt.Sprintf("%q lies before 1970", t.Value), "Write a later time.")
	default:
		return at.UTC(), true
	}
	return time.Time{}, false
}

var timeShape = regexp.MustCompile(`^\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d)?([Zz]|[+-]\d\d:\d\d)?)?$`)

func timeTip(b *syntax.Block, name, s string) string {
	at := syntax.SurelyTime(s)
	switch {
	case at != "" && bareOffset.MatchString(s):
		return fmt.Sprintf("An offset from UTC has a colon: write %q.", at)
	case at != "":
		return fmt.Sprintf("A time has a date, a time of day and an offset from UTC: write %q.", at)
	case timeShape.MatchString(s):
		return "No calendar or clock has it. Write a day and an hour that exist."
	case notATime[strings.ToLower(strings.TrimSpace(s))]:
		return absentTip(b, name)
	case syntax.IsDuration(s):
		return fmt.Sprintf("That is how long something lasts, and %s is a moment: write when it is, such as \"2027-03-01T00:00:00Z\".", name)
	}
	return "Write it as RFC 3339 with an offset, such as \"2027-03-01T00:00:00Z\"."
}

// bareOffset is an offset from UTC without its colon: +0100.
var bareOffset = regexp.MustCompile(`[+-]\d{4}$`)

// notATime is how people say that there is no limit.
var notATime = map[string]bool{"": true, "never": true, "none": true, "no": true, "null": true, "nil": true, "-": true, "forever": true, "unlimited": true,
	"permanent": true, "infinity": true, "always": true, "n/a": true}

// absentTip says how a limit is left open, where one may be.
func absentTip(b *syntax.Block, name string) string {
	if s, ok := schema.Find(schema.File(), b.Type); ok {
		if a, ok := s.Attr(name); ok && a.Required {
			return fmt.Sprintf("Every %s has one: write when it is, such as \"2027-03-01T00:00:00Z\".", b.Type)
		}
	}
	return fmt.Sprintf("Where no limit is meant, leave %s out.", name)
}

// shortestRotation is Secret Manager's own bound on rotation_period: "Must be in Duration format and at least 3600s".
const shortestRotation = time.Hour

// rotation reads how often a secret's payload is replaced; zero where nothing is declared.
func (r *resolver) rotation(b *syntax.Block) time.Duration {
	t, ok := r.text(b, "rotation")
	if !ok {
		return 0
	}
	every, err := time.ParseDuration(t.Value)
	switch {
	case err != nil:
		summary, detail := notADuration("rotation", t.Value)
		r.error(diag.InvalidTime, t.Range, summary, detail)
		r.mendText(t, syntax.SurelyDuration(t.Value))
	case every <= 0:
		r.error(diag.InvalidTime, t.Range, fmt.Sprintf("a rotation of %q never comes round", t.Value), "Write a positive duration, such as \"720h\" for 30 days.")
	case every < shortestRotation:
		r.error(diag.InvalidTime, t.Range, fmt.Sprintf("a rotation of %q is too short", t.Value), "Secret Manager rotates at most once an hour: write \"1h\" or more.")
	default:
		return every
	}
	return 0
}

// durationShape is a duration whatever its size.
var durationShape = regexp.MustCompile(`^[0-9]+(\.[0-9]*)?(h|m|s|ms|us|µs|ns)$`)

// longest is the longest duration that there is, in hours.
const longest = "2562047h"

func notADuration(of, s string) (summary, detail string) {
	if durationShape.MatchString(s) {
		return fmt.Sprintf("a %s of %q is too long", of, s), "No duration is longer than " + longest + ". Where no limit is meant, leave it out."
	}
	summary = fmt.Sprintf("%q is not a duration", s)
	if better := syntax.SurelyDuration(s); better != "" {
		return summary, fmt.Sprintf("Hours are the longest unit: write %q.", better)
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return summary, fmt.Sprintf("It lacks its unit: write %q for hours.", s+"h")
	}
	return summary, "Write hours, minutes and seconds, such as \"720h\" for 30 days, or \"1h30m\"."
}
