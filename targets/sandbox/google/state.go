package google

import (
	"encoding/json"
	"fmt"

	"cloud.google.com/go/iam/admin/apiv1/adminpb"
	"cloud.google.com/go/iam/apiv1/iampb"
	"cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"gatehouse/targets/sandbox"
)

// The keys of records. A policy is kept apart from what it is about, since it changes apart; so is what Seed made once.
func projectKey(id string) string        { return "project/" + id }
func numberKey(number string) string     { return "number/" + number }
func secretKey(id, secret string) string { return "secret/" + id + "/" + secret }
func versionKey(id, secret string, n int64) string {
	return fmt.Sprintf("version/%s/%s/%019d", id, secret, n)
}
func roleKey(id, role string) string     { return "role/" + id + "/" + role }
func accountKey(id, email string) string { return "account/" + id + "/" + email }
func emailKey(email string) string       { return "email/" + email }
func policyKey(of string) string         { return "policy/" + of }
func seedKey(of string) string           { return "seeded/" + of }

// project is the record of a project.
type project struct {
	ID     string `json:"id"`
	Number string `json:"number"`
	Made   int64  `json:"made"` // Unix seconds
}

// secretRecord is the record of a secret.
type secretRecord struct {
	Secret json.RawMessage `json:"secret"`
	Latest int64           `json:"latest,omitempty"` // number of the latest version
}

// versionRecord is the record of a version: no payload.
type versionRecord struct {
	Length int   `json:"length"`
	Made   int64 `json:"made"`
}

// findProject finds a project by its ID or number.
func findProject(v *sandbox.View, text string) (p project, ok bool, err error) {
	if number.MatchString(text) {
		record, ok := v.Get(numberKey(text))
		if !ok {
			return p, false, nil
		}
		if err := json.Unmarshal(record.Value, &text); err != nil {
			return p, false, fmt.Errorf("sandbox: read number %s: %w", text, err)
		}
	}
	record, ok := v.Get(projectKey(text))
	if !ok {
		return p, false, nil
	}
	if err := json.Unmarshal(record.Value, &p); err != nil {
		return p, false, fmt.Errorf("sandbox: read project %s: %w", text, err)
	}
	return p, true, nil
}

// put stores a value as JSON.
func put(tx *sandbox.Tx, key string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("sandbox: write %s: %w", key, err)
	}
	created := tx.Next()
	if old, ok := tx.Get(key); ok {
		created = old.Created
	}
	tx.Put(sandbox.Record{Key: key, Value: text, Created: created, Modified: tx.Next()})
	return nil
}

// putMessage stores a message as JSON.
func putMessage(tx *sandbox.Tx, key string, m proto.Message) error {
	text, err := protojson.Marshal(m)
	if err != nil {
		return fmt.Errorf("sandbox: write %s: %w", key, err)
	}
	return put(tx, key, json.RawMessage(text))
}

func parseMessage[M proto.Message](r sandbox.Record, into M) (M, error) {
	if err := protojson.Unmarshal(r.Value, into); err != nil {
		return into, fmt.Errorf("sandbox: read %s: %w", r.Key, err)
	}
	return into, nil
}

func parseRole(r sandbox.Record) (*adminpb.Role, error) { return parseMessage(r, &adminpb.Role{}) }

func parsePolicy(r sandbox.Record) (*iampb.Policy, error) { return parseMessage(r, &iampb.Policy{}) }

// parseSecret returns the secret of a record, without its name.
func parseSecret(r sandbox.Record) (*secretmanagerpb.Secret, secretRecord, error) {
	var held secretRecord
	if err := json.Unmarshal(r.Value, &held); err != nil {
		return nil, held, fmt.Errorf("sandbox: read %s: %w", r.Key, err)
	}
	s := &secretmanagerpb.Secret{}
	if err := protojson.Unmarshal(held.Secret, s); err != nil {
		return nil, held, fmt.Errorf("sandbox: read %s: %w", r.Key, err)
	}
	return s, held, nil
}

// place is a resource that was looked up.
type place struct {
	name
	in     project
	key    string
	exists bool
}

// find looks a resource up. Its project may be missing too: then exists is false and in is empty.
func find(v *sandbox.View, n name) (place, error) {
	at := place{name: n}
	if n.kind == kindAccount && n.project == "-" {
		record, ok := v.Get(emailKey(n.name))
		if !ok {
			return at, nil
		}
		if err := json.Unmarshal(record.Value, &n.project); err != nil {
			return at, fmt.Errorf("sandbox: read %s: %w", record.Key, err)
		}
	}
	in, ok, err := findProject(v, n.project)
	if err != nil || !ok {
		return at, err
	}
	at.in = in
	switch n.kind {
	case kindProject:
		at.key = projectKey(in.ID)
	case kindSecret, kindVersion:
		at.key = secretKey(in.ID, n.name)
	case kindAccount:
		at.key = accountKey(in.ID, n.name)
	case kindRole:
		at.key = roleKey(in.ID, n.name)
	}
	_, at.exists = v.Get(at.key)
	return at, nil
}

// missing is Google's answer about what isn't there, to a caller who may know.
func (p place) missing() error {
	number := p.in.Number
	switch {
	case number == "":
		return status.Errorf(codes.NotFound, "Project [%s] not found.", p.project)
	case p.kind == kindSecret:
		return status.Errorf(codes.NotFound, "Secret [projects/%s/secrets/%s] not found.", number, p.name.name)
	case p.kind == kindVersion:
		return status.Errorf(codes.NotFound, "Secret [projects/%s/secrets/%s] not found or has no versions.", number, p.name.name)
	case p.kind == kindAccount:
		return status.Errorf(codes.NotFound, "Unknown service account %s.", p.name.name)
	case p.kind == kindRole:
		return status.Errorf(codes.NotFound, "The role named projects/%s/roles/%s was not found.", p.in.ID, p.name.name)
	case p.kind == kindProject:
	}
	return status.Errorf(codes.NotFound, "Project [%s] not found.", p.project)
}
