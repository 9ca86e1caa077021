package access

import (
	"testing"

	"gatehouse/lang/model"
)

// The questions on a policy of a hundred thousand allows that is loaded already.

func BenchmarkWhatCan(b *testing.B) {
	g, _ := Build(large(100_000, true), second(0))
	for b.Loop() {
		WhatCan(g, g.Workloads[len(g.Workloads)/2].Addr, "", second(0))
	}
}

func BenchmarkWhy(b *testing.B) {
	g, _ := Build(large(100_000, true), second(0))
	for b.Loop() {
		Why(g, g.Workloads[len(g.Workloads)/2].Addr, model.Read, g.Resources[len(g.Resources)/2].Addr, "prod", second(0))
	}
}
