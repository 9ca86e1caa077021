package access

import (
	"encoding/json"
	"testing"
)

func TestSpanAsJSON(t *testing.T) {
	for _, test := range []struct {
		want string
		span Span
	}{
		{`{}`, Always},
		{`{"not_before":"2027-01-01T00:00:00Z"}`, Span{1798761600, MaxTime}},
		{`{"expires":"1970-01-01T00:00:10Z"}`, Span{MinTime, 10}},
		{`{"not_before":"1970-01-01T00:00:00Z","expires":"9999-12-31T23:59:59Z"}`, Span{0, 253402300799}},
	} {
		got, err := json.Marshal(test.span)
		if err != nil || string(got) != test.want {
			t.Errorf("%v: %s, %v; want %s", test.span, got, err, test.want)
		}
		var back Span
		if err := json.Unmarshal(got, &back); err != nil || back != test.span {
			t.Errorf("%s: read as %v, %v", got, back, err)
		}
	}
	if err := json.Unmarshal([]byte(`{"expires": 7}`), new(Span)); err == nil {
		t.Error("a number is no time")
	}
}
