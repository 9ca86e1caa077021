package model_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/lang/model"
)

func TestSteady(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	p := &model.Policy{
		Allows: []*model.Allow{
			{Interval: model.Interval{NotBefore: day(5), Expires: day(20)}},
			{Interval: model.Interval{Expires: day(15)}},
			{},
		},
		Exceptions: []*model.Exception{{Expires: day(12)}},
	}
	var none time.Time
	for _, tt := range []struct{ at, since, until time.Time }{
		{day(1), none, day(5)},
		{day(5), day(5), day(12)},
		{day(11), day(5), day(12)},
		{day(12), day(12), day(15)},
		{day(19), day(15), day(20)},
		{day(30), day(20), none},
	} {
		if since, until := p.Steady(tt.at); !since.Equal(tt.since) || !until.Equal(tt.until) {
			t.Errorf("at %s: %s to %s, want %s to %s", tt.at, since, until, tt.since, tt.until)
		}
	}
}

// TestSteadyKnowsEveryTime fails where the model gets a moment that Steady was not asked about.
func TestSteadyKnowsEveryTime(t *testing.T) {
	var found []string
	times(reflect.TypeFor[model.Policy](), "Policy", map[reflect.Type]bool{}, &found)
	slices.Sort(found)
	want := []string{"Policy.Allows.Interval.Expires", "Policy.Allows.Interval.NotBefore", "Policy.Exceptions.Expires", "Policy.Tests.At"}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("moments (-known +model): does Steady have to know them?\n%s", diff)
	}
}

// times lists the fields of a type that are moments.
func times(of reflect.Type, path string, seen map[reflect.Type]bool, out *[]string) {
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		times(of.Elem(), path, seen, out)
	case reflect.Struct:
		if of == reflect.TypeFor[time.Time]() {
			*out = append(*out, path)
			return
		}
		if seen[of] {
			return
		}
		seen[of] = true
		for i := range of.NumField() {
			times(of.Field(i).Type, path+"."+of.Field(i).Name, seen, out)
		}
		delete(seen, of)
	}
}
