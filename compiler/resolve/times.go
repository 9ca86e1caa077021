package resolve

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/diag"
	"gatehouse/lang/model"
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
		r.error(diag.InvalidTime, t.Range, fmt.Sprintf("%q is not a time", t.Value), timeTip(t.Value))
		r.mendText(t, surelyTime(t.Value))
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

// almostTimes are what people write instead, each with how to take it.
var almostTimes = []string{time.DateOnly, "2006-01-02T15:04:05", time.DateTime, "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02T15:04Z07:00",
	"2006-01-02t15:04:05z", "2006-01-02 15:04:05Z07:00", "2006/01/02", "2006.01.02", "2 January 2006", "January 2, 2006", "02.01.2006"}

var timeShape = regexp.MustCompile(`^\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d)?([Zz]|[+-]\d\d:\d\d)?)?$`)

// surelyTime is the time that a text must mean, or "".
func surelyTime(s string) string {
	for _, layout := range almostTimes {
		if at, err := time.Parse(layout, s); err == nil {
			return at.Format(time.RFC3339)
		}
	}
	return ""
}

func timeTip(s string) string {
	if at := surelyTime(s); at != "" {
		return fmt.Sprintf("A time has a date, a time of day and an offset from UTC: write %q.", at)
	}
	if timeShape.MatchString(s) {
		return "No calendar or clock has it. Write a day and an hour that exist."
	}
	return "Write it as RFC 3339 with an offset, such as \"2027-03-01T00:00:00Z\"."
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
		r.error(diag.InvalidTime, t.Range, fmt.Sprintf("%q is not a duration", t.Value), durationTip(t.Value))
		r.mendText(t, surelyDuration(t.Value))
	case every <= 0:
		r.error(diag.InvalidTime, t.Range, fmt.Sprintf("a rotation of %q never comes round", t.Value), "Write a positive duration, such as \"720h\" for 30 days.")
	case every < shortestRotation:
		r.error(diag.InvalidTime, t.Range, fmt.Sprintf("a rotation of %q is too short", t.Value), "Secret Manager rotates at most once an hour: write \"1h\" or more.")
	default:
		return every
	}
	return 0
}

// surelyDuration takes days and weeks apart, which people write and Go's durations don't have; "" for anything else.
func surelyDuration(s string) string {
	var n int
	var unit string
	if _, err := fmt.Sscanf(s, "%d%s", &n, &unit); err != nil || n <= 0 || n >= 10_000 {
		return ""
	}
	switch strings.TrimSuffix(strings.TrimSpace(unit), "s") {
	case "d", "day":
		return fmt.Sprintf("%dh", n*24)
	case "w", "week":
		return fmt.Sprintf("%dh", n*24*7)
	}
	return ""
}

func durationTip(s string) string {
	if better := surelyDuration(s); better != "" {
		return fmt.Sprintf("Hours are the longest unit: write %q.", better)
	}
	return "Write hours, minutes and seconds, such as \"720h\" for 30 days, or \"1h30m\"."
}
