package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/compiler/access"
)

func sandboxVerb(w world) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Play with the sandbox: send it requests, or serve it to other programs",
		Long: `The sandbox is a local double of each environment's Consul and of Google Cloud; its state lives in .gatehouse/ below the policy's root.
Verbs with --sandbox talk to it. These let you play the part of somebody else.`,
	}
	cmd.AddCommand(sandboxRequestVerb(w), sandboxServeVerb(w), sandboxBindVerb(w, "bind"), sandboxBindVerb(w, "unbind"))
	return cmd
}

func sandboxRequestVerb(w world) *cobra.Command {
	var flags common
	var dir string
	cmd := &cobra.Command{
		Use:     "request --environment NAME METHOD PATH [FILE|-]",
		Short:   "Send one request to an environment's sandbox",
		Example: "  gatehouse sandbox request --environment prod GET /v1/config/service-intentions\n  gatehouse sandbox request --environment prod PUT /v1/config entry.json",
		Args:    cobra.RangeArgs(2, 3),
		RunE: func(cmd *cobra.Command, args []string) error {
			return sandboxRequest(cmd.Context(), w, flags, dir, args)
		},
	}
	flags.sites(cmd)
	flags.variables(cmd)
	cmd.Flags().StringVar(&dir, "policy", ".", "a folder of the policy")
	return cmd
}

func sandboxRequest(ctx context.Context, w world, flags common, dir string, args []string) error {
	if !strings.HasPrefix(args[1], "/") {
		return fmt.Errorf("sandbox: %q is no path: it begins with a /, such as /v1/config/service-intentions", args[1])
	}
	s, env, err := openOne(w, flags, dir)
	if err != nil {
		return err
	}
	defer s.close()
	address, err := s.startConsul(env)
	if err != nil {
		return err
	}
	body, err := requestBody(w, args)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, strings.ToUpper(args[0]), address+args[1], bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(w.stdout, response.Body); err != nil {
		return err
	}
	fmt.Fprintln(w.stdout)
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("sandbox: %s", response.Status)
	}
	return nil
}

func requestBody(w world, args []string) ([]byte, error) {
	switch {
	case len(args) < 3:
		return nil, nil
	case args[2] == "-":
		return patiently(w, func() ([]byte, error) { return io.ReadAll(w.stdin) })
	default:
		return readNamed(w, args[2])
	}
}

// openOne opens a policy for a verb that is about exactly one environment's Consul.
func openOne(w world, flags common, dir string) (*session, *access.Environment, error) {
	s, err := openSound(w, flags, dir)
	if err != nil {
		return nil, nil, err
	}
	if len(flags.environments) != 1 {
		return nil, nil, errors.New("sandbox: say which environment: --environment NAME")
	}
	env, _ := s.result.Graph.Environment(flags.environments[0])
	if env.Consul == nil {
		return nil, nil, fmt.Errorf("sandbox: environment %q has no consul block", env.Name)
	}
	return s, env, nil
}

func sandboxServeVerb(w world) *cobra.Command {
	var flags common
	cmd := &cobra.Command{
		Use:   "serve --environment NAME [DIR]",
		Short: "Serve an environment's sandbox on a port of the loopback interface until interrupted",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			keepMemory(w.getenv)
			s, env, err := openOne(w, flags, dirOf(args, 0))
			if err != nil {
				return err
			}
			defer s.close()
			address, err := s.startConsul(env)
			if err != nil {
				return err
			}
			fmt.Fprintf(w.stdout, "export CONSUL_HTTP_ADDR=%s\n", address)
			<-cmd.Context().Done()
			return nil
		},
	}
	flags.sites(cmd)
	flags.variables(cmd)
	return cmd
}

// sandboxBindVerb is bind or unbind: one edit of an allow policy.
func sandboxBindVerb(w world, name string) *cobra.Command {
	short := "Give a member a role on a project or a secret of Google's sandbox"
	if name == "unbind" {
		short = "Take a role on a project or a secret of Google's sandbox from a member"
	}
	var dir string
	var flags common
	cmd := &cobra.Command{
		Use:     name + " RESOURCE ROLE MEMBER",
		Short:   short,
		Example: "  gatehouse sandbox " + name + " projects/acme-ml-prod roles/secretmanager.secretAccessor user:eve@acme.example",
		Args:    cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := openSound(w, flags, dir)
			if err != nil {
				return err
			}
			defer s.close()
			if _, err := s.startGoogle(); err != nil {
				return err
			}
			edit := s.google.Bind
			if name == "unbind" {
				edit = s.google.Unbind
			}
			return edit(cmd.Context(), args[0], args[1], args[2])
		},
	}
	cmd.Flags().StringVar(&dir, "policy", ".", "a folder of the policy")
	flags.variables(cmd)
	return cmd
}
