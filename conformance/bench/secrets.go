package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cloud.google.com/go/iam/apiv1/iampb"
	secretmanager "cloud.google.com/go/secretmanager/apiv1"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"gatehouse/targets/sandbox/google"
)

const (
	project  = "acme-bench"
	parallel = 16 // calls at a time on both sides
)

// secretPlans prints what a plan without changes takes on a project with many secrets, beside the same reads by a bare client.
func secretPlans(o options, dir string) (err error) {
	if o.secrets == 0 {
		return nil
	}
	policy, ids, err := generateSecrets(filepath.Join(dir, "secrets"), o.secrets)
	if err != nil {
		return err
	}
	double, err := google.Open("", google.Options{AnyAccount: true})
	if err != nil {
		return err
	}
	if err := double.Seed(google.Seed{Project: project, Secrets: ids}); err != nil {
		return err
	}
	address, stop, err := double.Start()
	if err != nil {
		return err
	}
	defer stop()
	run := func(verb ...string) func() *exec.Cmd {
		return func() *exec.Cmd {
			cmd := exec.Command(o.binary, append(verb, policy)...)
			cmd.Env = append(os.Environ(), "GATEHOUSE_GOOGLE_ENDPOINT="+address)
			return cmd
		}
	}
	applied, _, err := measure(1, 0, run("apply", "--auto-approve"))
	if err != nil {
		return err
	}
	check, _, err := measure(o.runs, 0, run("check"))
	if err != nil {
		return err
	}
	double.Reset()
	ours, text, err := measure(o.runs, 0, run("plan"))
	if err != nil {
		return err
	}
	if !strings.Contains(text, "no changes") {
		return fmt.Errorf("the plan has changes:\n%.2000s", text)
	}
	policies, rest := calls(double, o.runs)
	bare, err := readAll(o.runs, address, ids)
	if err != nil {
		return err
	}
	fmt.Printf("\ngatehouse plan without changes on one project of Google's double, beside the official client that reads the same policies, %d at a time, best of %d.\n"+
		"A plan is a check, then what it asks of Google: the ratio is of that to the bare reads. Nothing paces either side; Google's quota of 600 reads\n"+
		"a minute would.\n\n", parallel, o.runs)
	table([][]string{
		{"secrets", "first apply", "check", "plan", "plan - check", "cpu", "reads of secrets' policies", "other calls", "bare reads", "ratio", "plan peak"},
		{fmt.Sprint(o.secrets), seconds(applied.wall), seconds(check.wall), seconds(ours.wall), seconds(ours.wall - check.wall), seconds(ours.cpu - check.cpu),
			policies, rest, seconds(bare), ratio(float64(ours.wall-check.wall), float64(bare)), megabytes(ours.memory)},
	})
	return nil
}

// calls returns how many calls one of the plans made: for secrets' policies, and others.
func calls(double *google.Google, runs int) (policies, rest string) {
	p, r := 0, 0
	for _, c := range double.Counts() {
		if c.Route == "SecretManagerService/GetIamPolicy" {
			p += c.N
		} else {
			r += c.N
		}
	}
	return fmt.Sprint(p / runs), fmt.Sprint(r / runs)
}

// readAll reads every policy with the bare client, connecting included, and returns the best time.
func readAll(runs int, address string, ids []string) (best time.Duration, err error) {
	for n := range runs {
		begun := time.Now()
		if err := readOnce(address, ids); err != nil {
			return 0, err
		}
		if took := time.Since(begun); n == 0 || took < best {
			best = took
		}
	}
	return best, nil
}

func readOnce(address string, ids []string) (err error) {
	ctx := context.Background()
	client, err := secretmanager.NewClient(ctx, option.WithEndpoint(address), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	var next atomic.Int64
	var running sync.WaitGroup
	errs := make([]error, parallel)
	for n := range parallel {
		running.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(ids) && errs[n] == nil; i = int(next.Add(1)) - 1 {
				_, errs[n] = client.GetIamPolicy(ctx, &iampb.GetIamPolicyRequest{
					Resource: "projects/" + project + "/secrets/" + ids[i], Options: &iampb.GetPolicyOptions{RequestedPolicyVersion: 3}})
			}
		})
	}
	running.Wait()
	return errors.Join(errs...)
}

// generateSecrets writes a policy of n secrets in one project, each of which two workloads read, one of them for a time.
func generateSecrets(dir string, n int) (root string, ids []string, err error) {
	var b strings.Builder
	fmt.Fprintf(&b, "gatehouse {\n  policy = \"bench\"\n  packs  = []\n}\nenvironment \"dev\" {\n  tier = \"development\"\n  google { project = %q }\n}\n", project)
	workloads := max(10, n/perWorkload)
	for w := range workloads {
		fmt.Fprintf(&b, "workload \"job-%05d\" { environments = [environment.dev] }\n", w)
	}
	for s := range n {
		ids = append(ids, fmt.Sprintf("key-%05d", s))
		fmt.Fprintf(&b, "secret %q {\n  classification = \"internal\"\n  environments   = [environment.dev]\n}\n", ids[s])
		for k, ends := range []string{"", "\n  expires = \"2090-01-01T00:00:00Z\""} {
			fmt.Fprintf(&b, "allow \"access-%05d-%d\" {\n  from = [workload.job-%05d]\n  to = [secret.%s]%s\n}\n", s, k, (s+k)%workloads, ids[s], ends)
		}
	}
	t := tree{dir: dir}
	return dir, ids, t.write("policy.gate.hcl", b.String())
}
