package syntax

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"gatehouse/lang/schema"
)

// almostTimes are what people write instead of RFC 3339, each with how to take it.
var almostTimes = []string{time.DateOnly, "2006-01-02T15:04:05", time.DateTime, "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02T15:04Z07:00",
	"2006-01-02t15:04:05z", "2006-01-02 15:04:05Z07:00", "2006/01/02", "2006.01.02", "2 January 2006", "January 2, 2006", "02.01.2006",
	"2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05 Z0700"}

// SurelyTime returns the time, as RFC 3339, that a text must mean; "" where there is none, or no such day.
func SurelyTime(s string) string {
	for _, layout := range almostTimes {
		if at, err := time.Parse(layout, s); err == nil {
			return at.Format(time.RFC3339)
		}
	}
	return ""
}

// SurelyDuration returns the duration, as Go writes it, that days and weeks must mean, which people write and Go's durations don't have; "" for
// anything else.
func SurelyDuration(s string) string {
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

// epoch is the time that a number of seconds since 1970 must mean, or "".
func epoch(text string) string {
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds < 1_000_000_000 || seconds >= 10_000_000_000 {
		return ""
	}
	return time.Unix(seconds, 0).UTC().Format(time.RFC3339)
}

// timely reports whether a text is a time or a duration where one is wanted, or can be mended to one. Who resolves has the last word.
func timely(a *schema.Attribute, text string) bool {
	switch a.Type {
	case schema.Time:
		_, err := time.Parse(time.RFC3339, text)
		return err == nil || SurelyTime(text) != ""
	case schema.Duration:
		return IsDuration(text)
	}
	return true
}

// IsDuration reports whether a text is a duration, or surely means one.
func IsDuration(s string) bool {
	_, err := time.ParseDuration(s)
	return err == nil || SurelyDuration(s) != ""
}
