package conformance

import (
	"context"
	"strings"

	secretmanager "cloud.google.com/go/secretmanager/apiv1"
	"cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"
	"github.com/rogpeppe/go-internal/testscript"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"gatehouse/targets/sandbox/google"
)

// startGoogle gives a script a Google Cloud of its own: always the double, since no Google server can be run.
func startGoogle(env *testscript.Env) error {
	double, err := google.Open("", google.Options{AnyAccount: true})
	if err != nil {
		return err
	}
	env.Defer(func() { _ = double.Close() })
	address, stop, err := double.Start()
	if err != nil {
		return err
	}
	env.Defer(stop)
	env.Values["google"] = double
	env.Setenv("GATEHOUSE_GOOGLE_ENDPOINT", address)
	return nil
}

func googleOf(ts *testscript.TestScript) *google.Google { return ts.Value("google").(*google.Google) }

func googleCommand(ts *testscript.TestScript, neg bool, args []string) {
	g := googleOf(ts)
	switch {
	case neg:
		ts.Fatalf("google can't be negated")
	case len(args) >= 2 && args[0] == "seed":
		seed := google.Seed{Project: args[1]}
		for _, name := range args[2:] {
			if strings.Contains(name, "@") {
				seed.ServiceAccounts = append(seed.ServiceAccounts, name)
			} else {
				seed.Secrets = append(seed.Secrets, name)
			}
		}
		ts.Check(g.Seed(seed))
	case len(args) == 4 && args[0] == "bind":
		ts.Check(g.Bind(context.Background(), args[1], args[2], args[3]))
	case len(args) == 4 && args[0] == "unbind":
		ts.Check(g.Unbind(context.Background(), args[1], args[2], args[3]))
	case len(args) == 4 && args[0] == "payload":
		ts.Check(addPayload(ts.Getenv("GATEHOUSE_GOOGLE_ENDPOINT"), "projects/"+args[1]+"/secrets/"+args[2], args[3]))
	default:
		ts.Fatalf("usage: google seed PROJECT SECRET|EMAIL..., google bind|unbind RESOURCE ROLE MEMBER, or google payload PROJECT SECRET TEXT")
	}
}

// addPayload gives a secret a version, as its owner would.
func addPayload(endpoint, secret, text string) error {
	ctx := context.Background()
	client, err := secretmanager.NewClient(ctx, option.WithEndpoint(endpoint), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
	if err != nil {
		return err
	}
	defer client.Close()
	_, err = client.AddSecretVersion(ctx, &secretmanagerpb.AddSecretVersionRequest{
		Parent: secret, Payload: &secretmanagerpb.SecretPayload{Data: []byte(text)},
	})
	return err
}
