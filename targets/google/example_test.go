package google_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"time"

	"gatehouse/lang/model"
	"gatehouse/targets"
	"gatehouse/targets/google"
)

// What policies mean: a grant until a time, and a role on the project that leads around it.
func ExampleDriver_Interpret() {
	world := targets.Facts{Objects: []targets.Object{
		{
			Key: targets.Key{Kind: google.SecretPolicy, Name: "projects/acme-prod/secrets/warehouse-password"},
			Body: json.RawMessage(`{"version": 3, "bindings": [{"role": "roles/secretmanager.secretAccessor",
				"members": ["serviceAccount:fraud@acme-prod.iam.gserviceaccount.com"],
				"condition": {"title": "until March", "expression": "request.time < timestamp('2027-03-01T00:00:00Z')"}}]}`),
		},
		{
			Key:  targets.Key{Kind: google.ProjectPolicy, Name: "projects/acme-prod"},
			Body: json.RawMessage(`{"bindings": [{"role": "roles/iam.securityAdmin", "members": ["user:ann@acme.example"]}]}`),
		},
	}}
	edges, err := google.Driver{}.Interpret(world, time.Now())
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range edges {
		if e.ActsAs.Name == "" {
			fmt.Println(targets.Sentence(e))
		}
	}
	// Output:
	// google "serviceAccount:fraud@acme-prod.iam.gserviceaccount.com" may read secret "projects/acme-prod/secrets/warehouse-password" until 2027-03-01T00:00:00Z
	// google "user:ann@acme.example" may read secret "projects/acme-prod/secrets/warehouse-password"
	// google "user:ann@acme.example" may write secret "projects/acme-prod/secrets/warehouse-password"
}

// The normal form of a policy as Google gives it: one item for each member, role and condition.
func ExampleNormal() {
	c, err := google.Normal("projects/acme-prod/secrets/warehouse-password", json.RawMessage(`{"etag": "BwWW", "version": 1, "bindings": [
		{"role": "roles/secretmanager.secretAccessor", "members": ["user:Ann@acme.example", "group:sre@acme.example"]}]}`),
		func(item string) bool { return item == "roles/secretmanager.secretAccessor user:ann@acme.example" })
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Token)
	for _, i := range c.Items {
		fmt.Println(i.Key, i.Ours)
	}
	// Output:
	// BwWW
	// roles/secretmanager.secretAccessor group:sre@acme.example false
	// roles/secretmanager.secretAccessor user:ann@acme.example true
}

// A connection for tests: a compatible server, without TLS and credentials. Without an endpoint it is Google itself, by Application Default
// Credentials.
func ExampleConnect() {
	conn, err := google.Connect(context.Background(), google.Config{
		Project:       "acme-prod",
		ProjectNumber: "123456789012",
		Ownership:     model.Additive,
		Endpoint:      "127.0.0.1:8085",
	})
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	_, err = conn.Write(context.Background(), targets.Change{
		Key:   targets.Key{Kind: google.SecretPolicy, Name: "projects/acme-prod/secrets/warehouse-password"},
		Token: "BwWW", After: json.RawMessage(`{"bindings": []}`),
	})
	fmt.Println(err)
	// Output: google: write secret-policy/projects/acme-prod/secrets/warehouse-password: there is no state to keep claims in
}
