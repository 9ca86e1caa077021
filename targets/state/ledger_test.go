package state

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"gatehouse/targets"
)

// A thousand containers claimed at the same time cost a few saves; each caller returns after its own claim is saved.
func TestGroupCommit(t *testing.T) {
	m := &memory{}
	s := opened(m, nil)
	l := NewLedger(s)
	const n = 1000
	var callers sync.WaitGroup
	gathered := make(chan struct{})
	m.before = func() error { // the first save lasts until all others have come
		<-gathered
		return nil
	}
	errs := make([]error, n)
	for i := range n {
		k := targets.Key{Kind: "secret-policy", Name: fmt.Sprint(i)}
		callers.Go(func() {
			errs[i] = l.Claim(t.Context(), k, "item")
			document, _, _ := m.Load(t.Context())
			if errs[i] == nil && !bytes.Contains(document, fmt.Appendf(nil, `"name":%q,`, k.Name)) {
				errs[i] = errors.New("returned before it was claimed")
			}
		})
	}
	for {
		l.mu.Lock()
		came := 0
		if l.waiting != nil {
			came = len(l.waiting.entries)
		}
		l.mu.Unlock()
		if came >= n-100 {
			break
		}
		runtime.Gosched()
	}
	close(gathered)
	callers.Wait()
	must(t, errs...)
	if got := read(t, s).Claims.Len(); got != n || m.saves > 110 {
		t.Errorf("%d claims in %d saves", got, m.saves)
	}
}

// Requests for one item are carried out in the order in which they came.
func TestOrder(t *testing.T) {
	m := &memory{}
	s := opened(m, nil)
	l := NewLedger(s)
	first, second := make(chan struct{}), make(chan struct{})
	m.before = func() error {
		close(first)
		<-second
		m.before = nil
		return nil
	}
	results := make(chan error, 3)
	go func() { results <- l.Claim(t.Context(), depot, "x") }()
	<-first
	a := l.join(t.Context(), entry{vault, []string{"a"}, false})
	b := l.join(t.Context(), entry{vault, []string{"a"}, true})
	close(second)
	<-a.done
	<-b.done
	must(t, <-results, a.err, b.err)
	if read(t, s).Claims.Ours(vault, "a") {
		t.Error("claimed and forgotten, and claimed still")
	}
}

// A failure reaches all whom it concerns and nobody else.
func TestFailedSave(t *testing.T) {
	m := &memory{}
	l := NewLedger(opened(m, nil))
	m.before = func() error { return errors.New("disk full") }
	if err := l.Claim(t.Context(), vault, "a"); err == nil || err.Error() != "state: update memory: disk full" {
		t.Error(err)
	}
	m.before = nil
	must(t, l.Claim(t.Context(), vault, "b"), l.Claim(t.Context(), vault))
}

// Who gives up waiting does not take the others' save along; where all give up, the save ends.
func TestGivingUp(t *testing.T) {
	m := &memory{}
	l := NewLedger(opened(m, nil))
	saving, goOn := make(chan struct{}), make(chan struct{})
	m.before = func() error {
		close(saving)
		<-goOn
		return nil
	}
	results := make(chan error, 1)
	go func() { results <- l.Claim(t.Context(), vault, "a") }()
	<-saving
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Claim(gone, vault, "late"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	leaving, leave := context.WithCancel(t.Context())
	b := l.join(leaving, entry{vault, []string{"b"}, false})
	l.join(t.Context(), entry{vault, []string{"c"}, false})
	leave()
	l.leave(b)
	m.before = nil
	close(goOn)
	<-b.done
	must(t, <-results, b.err)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running && l.waiting != nil {
		t.Error("it does not come to rest")
	}
}
