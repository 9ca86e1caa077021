package google_test

import (
	"context"
	"fmt"
	"log"

	"cloud.google.com/go/iam/apiv1/iampb"
	secretmanager "cloud.google.com/go/secretmanager/apiv1"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"gatehouse/targets/sandbox/google"
)

func Example() {
	g, err := google.Open("", google.Options{}) // a folder instead of "" keeps the state
	if err != nil {
		log.Fatal(err)
	}
	defer g.Close()
	if err := g.Seed(google.Seed{Project: "acme-ml-prod", Secrets: []string{"warehouse-password"}}); err != nil {
		log.Fatal(err)
	}
	address, stop, err := g.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer stop()

	ctx := context.Background()
	client, err := secretmanager.NewClient(ctx, option.WithEndpoint(address), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	_, err = client.SetIamPolicy(ctx, &iampb.SetIamPolicyRequest{
		Resource: "projects/acme-ml-prod/secrets/warehouse-password",
		Policy:   &iampb.Policy{Bindings: []*iampb.Binding{{Role: "roles/secretmanager.secretAccessor", Members: []string{"ann"}}}},
	})
	fmt.Println(status.Code(err))
	fmt.Println(g.Counts())
	// Output:
	// InvalidArgument
	// [{SecretManagerService/SetIamPolicy true 1}]
}
