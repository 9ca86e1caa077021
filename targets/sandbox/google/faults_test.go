package google_test

import (
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/iam/apiv1/iampb"
	"cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"

	"gatehouse/targets/sandbox"
	"gatehouse/targets/sandbox/google"
)

// TestFaults orders failures of writes, before and after they are done.
func TestFaults(t *testing.T) {
	w := open(t, "", google.Options{})
	c := w.secrets(t)
	grant := &iampb.Policy{Bindings: []*iampb.Binding{bind(accessor, ann)}}
	w.Inject(sandbox.Fault{Nth: 1, Status: int(codes.ResourceExhausted), Body: "slow down"})
	w.Inject(sandbox.Fault{Nth: 2, Status: int(codes.Aborted), Drop: true})
	w.Inject(sandbox.Fault{Nth: 3, Drop: true})
	w.Inject(sandbox.Fault{Reads: true, Nth: 3, Delay: time.Millisecond})

	refused(t, c, password, grant, codes.ResourceExhausted)
	if p := read(t, c, password, 3); len(p.Bindings) != 0 {
		t.Errorf("refused, yet done: %v", p)
	}
	refused(t, c, password, grant, codes.Aborted)
	if p := read(t, c, password, 3); len(p.Bindings) != 1 {
		t.Errorf("to be done, yet not: %v", p)
	}
	refused(t, c, password, &iampb.Policy{}, codes.Unavailable)
	if p := read(t, c, password, 3); len(p.Bindings) != 0 {
		t.Errorf("to be done, yet not: %v", p)
	}
	write(t, c, password, grant)
}

// TestLostAnswer shows what a retrying handle makes of a success that it doesn't hear of: a conflict with itself.
func TestLostAnswer(t *testing.T) {
	w := open(t, "", google.Options{})
	h := w.secrets(t).IAM(password).V3()
	w.Inject(sandbox.Fault{Nth: 1, Drop: true})
	p, err := h.Policy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p.Bindings = []*iampb.Binding{bind(accessor, ann)}
	wantCode(t, h.SetPolicy(t.Context(), p), codes.Aborted)
	if p, err := h.Policy(t.Context()); err != nil || len(p.Bindings) != 1 {
		t.Errorf("got %v, %v", p, err)
	}
}

func TestRecordAndHooks(t *testing.T) {
	w := open(t, "", google.Options{})
	c := w.secrets(t)
	var seen []int
	w.OnWrite(func(n int) { seen = append(seen, n) }, func(n int) { seen = append(seen, -n) })
	write(t, c, password, read(t, c, password, 3))
	refused(t, c, password, &iampb.Policy{Version: 2}, codes.InvalidArgument)
	if diff := cmp.Diff([]int{1, -1, 2, -2}, seen); diff != "" {
		t.Error(diff)
	}
	want := []sandbox.Call{
		{Route: "SecretManagerService/GetIamPolicy", Method: "GetIamPolicy", Path: password},
		{Route: "SecretManagerService/SetIamPolicy", Method: "SetIamPolicy", Path: password, Write: true},
		{Route: "SecretManagerService/SetIamPolicy", Method: "SetIamPolicy", Path: password, Write: true, Status: int(codes.InvalidArgument)},
	}
	if diff := cmp.Diff(want, w.Calls()); diff != "" {
		t.Error(diff)
	}
	if w.Reads() != 1 || w.Writes() != 2 {
		t.Errorf("%d reads and %d writes, want 1 and 2", w.Reads(), w.Writes())
	}
}

func TestQuota(t *testing.T) {
	var mu sync.Mutex
	now := noon
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	w := open(t, "", google.Options{Clock: clock, Quota: google.Quota{Reads: 3, Writes: 1}})
	c := w.secrets(t)
	get := func() error {
		_, err := c.GetSecret(t.Context(), &secretmanagerpb.GetSecretRequest{Name: password})
		return err
	}
	for range 3 {
		wantCode(t, get(), codes.OK)
	}
	wantCode(t, get(), codes.ResourceExhausted)
	write(t, c, password, &iampb.Policy{})
	refused(t, c, password, &iampb.Policy{}, codes.ResourceExhausted)
	read(t, w.projects(t), acme, 3) // another service's quota
	mu.Lock()
	now = now.Add(time.Minute)
	mu.Unlock()
	wantCode(t, get(), codes.OK)
}
