package google

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/iam/apiv1/iampb"
	"cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"gatehouse/targets/sandbox"
)

// secretManager answers for Secret Manager.
type secretManager struct {
	*Google
	secretmanagerpb.UnimplementedSecretManagerServiceServer
}

func (s *secretManager) GetSecret(ctx context.Context, req *secretmanagerpb.GetSecretRequest) (*secretmanagerpb.Secret, error) {
	n, err := parseKind(req.GetName(), kindSecret)
	if err != nil {
		return nil, err
	}
	var out *secretmanagerpb.Secret
	err = s.store.View(func(v *sandbox.View) error {
		at, err := s.allow(ctx, v, "secretmanager.secrets.get", n)
		if err != nil {
			return err
		}
		record, _ := v.Get(at.key)
		out, err = secretOf(record, at.in)
		return err
	})
	return out, err
}

// secretOf returns a secret as clients see it.
func secretOf(r sandbox.Record, in project) (*secretmanagerpb.Secret, error) {
	s, _, err := parseSecret(r)
	if err != nil {
		return nil, err
	}
	s.Name = "projects/" + in.Number + "/secrets/" + r.Key[strings.LastIndexByte(r.Key, '/')+1:]
	s.Etag = fmt.Sprintf(`"%x"`, r.Modified)
	return s, nil
}

// maxPage is the most that Secret Manager lists at a time.
const maxPage = 25000

func (s *secretManager) ListSecrets(ctx context.Context, req *secretmanagerpb.ListSecretsRequest) (*secretmanagerpb.ListSecretsResponse, error) {
	n, err := parseParent(req.GetParent())
	if err != nil {
		return nil, err
	}
	if req.GetFilter() != "" {
		return nil, unmodelled("filter of ListSecrets")
	}
	out := &secretmanagerpb.ListSecretsResponse{}
	err = s.store.View(func(v *sandbox.View) error {
		at, err := s.allow(ctx, v, "secretmanager.secrets.list", n)
		if err != nil {
			return err
		}
		records := v.List(secretKey(at.in.ID, ""))
		out.TotalSize = int32(len(records))
		page, next, err := s.page(records, int(req.GetPageSize()), req.GetPageToken(), maxPage)
		if err != nil {
			return err
		}
		out.NextPageToken = next
		for _, r := range page {
			secret, err := secretOf(r, at.in)
			if err != nil {
				return err
			}
			out.Secrets = append(out.Secrets, secret)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// page cuts a page out of sorted records. A token holds the key after which the page begins.
func (g *Google) page(records []sandbox.Record, size int, token string, most int) (page []sandbox.Record, next string, err error) {
	if size < 0 {
		return nil, "", invalid("Page size %d is negative.", size)
	}
	if size == 0 || size > most {
		size = most
	}
	if g.opts.MaxPage > 0 {
		size = min(size, g.opts.MaxPage)
	}
	after, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, "", invalid("Page token %q is invalid.", token)
	}
	from := 0
	if token != "" {
		i, found := slices.BinarySearchFunc(records, string(after), func(r sandbox.Record, key string) int { return strings.Compare(r.Key, key) })
		if from = i; found {
			from++
		}
	}
	page = records[from:]
	if len(page) > size {
		page = page[:size]
		next = base64.RawURLEncoding.EncodeToString([]byte(page[size-1].Key))
	}
	return page, next, nil
}

func parseParent(text string) (name, error) { return parseKind(text, kindProject) }

func (s *secretManager) CreateSecret(ctx context.Context, req *secretmanagerpb.CreateSecretRequest) (*secretmanagerpb.Secret, error) {
	n, err := parseParent(req.GetParent())
	if err != nil {
		return nil, err
	}
	if !secretID.MatchString(req.GetSecretId()) {
		return nil, invalid("Secret ID %q is not in a valid format: up to 255 letters, digits, hyphens and underscores.", req.GetSecretId())
	}
	if err := checkSecret(req.GetSecret(), s.opts.Clock()); err != nil {
		return nil, err
	}
	var out *secretmanagerpb.Secret
	err = s.store.Update(func(tx *sandbox.Tx) error {
		at, err := s.allow(ctx, &tx.View, "secretmanager.secrets.create", n)
		if err != nil {
			return err
		}
		key := secretKey(at.in.ID, req.GetSecretId())
		if _, exists := tx.Get(key); exists {
			return status.Errorf(codes.AlreadyExists, "Secret [projects/%s/secrets/%s] already exists.", at.in.Number, req.GetSecretId())
		}
		record, err := s.putSecret(tx, key, req.GetSecret())
		if err != nil {
			return err
		}
		out, err = secretOf(record, at.in)
		return err
	})
	return out, err
}

// putSecret stores a new secret.
func (g *Google) putSecret(tx *sandbox.Tx, key string, secret *secretmanagerpb.Secret) (sandbox.Record, error) {
	secret = proto.CloneOf(secret)
	secret.Name, secret.Etag = "", ""
	secret.CreateTime = timestamppb.New(g.opts.Clock())
	text, err := protojson.Marshal(secret)
	if err != nil {
		return sandbox.Record{}, fmt.Errorf("sandbox: write %s: %w", key, err)
	}
	value, err := json.Marshal(secretRecord{Secret: text})
	if err != nil {
		return sandbox.Record{}, fmt.Errorf("sandbox: write %s: %w", key, err)
	}
	r := sandbox.Record{Key: key, Value: value, Created: tx.Next(), Modified: tx.Next()}
	tx.Put(r)
	return r, nil
}

// checkSecret refuses the fields of a new secret that Secret Manager would refuse: the comments of google.cloud.secretmanager.v1.Secret.
func checkSecret(s *secretmanagerpb.Secret, now time.Time) error {
	switch {
	case s.GetReplication().GetReplication() == nil:
		return invalid("Secret: replication is required.")
	case s.GetExpiration() != nil:
		return unmodelled("a secret that expires")
	case len(s.GetVersionAliases()) > 0 || s.GetCustomerManagedEncryption() != nil || len(s.GetTags()) > 0 || s.GetVersionDestroyTtl() != nil:
		return unmodelled("version aliases, keys of the customer's, tags and delayed destruction")
	case len(s.GetTopics()) > 10:
		return invalid("Secret: %d topics; the limit is 10.", len(s.GetTopics()))
	case len(s.GetLabels()) > 64:
		return invalid("Secret: %d labels; the limit is 64.", len(s.GetLabels()))
	}
	r := s.GetRotation()
	if r == nil {
		return nil
	}
	switch {
	case len(s.GetTopics()) == 0:
		return invalid("Secret: rotation needs topics to notify.")
	case r.RotationPeriod != nil && r.NextRotationTime == nil:
		return invalid("Secret: rotation.rotation_period needs rotation.next_rotation_time.")
	case r.RotationPeriod != nil && r.RotationPeriod.AsDuration() < time.Hour:
		return invalid("Secret: rotation.rotation_period is less than 3600s.")
	case r.NextRotationTime != nil && r.NextRotationTime.AsTime().Sub(now) < 5*time.Minute:
		return invalid("Secret: rotation.next_rotation_time is less than 300s in the future.")
	}
	return nil
}

func (s *secretManager) DeleteSecret(ctx context.Context, req *secretmanagerpb.DeleteSecretRequest) (*emptypb.Empty, error) {
	n, err := parseKind(req.GetName(), kindSecret)
	if err != nil {
		return nil, err
	}
	err = s.store.Update(func(tx *sandbox.Tx) error {
		at, err := s.allow(ctx, &tx.View, "secretmanager.secrets.delete", n)
		if err != nil {
			return err
		}
		record, _ := tx.Get(at.key)
		secret, err := secretOf(record, at.in)
		if err != nil {
			return err
		}
		if req.GetEtag() != "" && req.GetEtag() != secret.Etag {
			return status.Errorf(codes.FailedPrecondition, "Secret [%s]: the etag does not match.", secret.Name)
		}
		tx.Delete(at.key)
		tx.Delete(policyKey(at.key))
		for _, version := range tx.List("version/" + at.in.ID + "/" + n.name + "/") {
			tx.Delete(version.Key)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &emptypb.Empty{}, nil
}

func (s *secretManager) GetIamPolicy(ctx context.Context, req *iampb.GetIamPolicyRequest) (*iampb.Policy, error) {
	return s.getPolicy(ctx, req, kindSecret, "secretmanager.secrets.getIamPolicy")
}

func (s *secretManager) SetIamPolicy(ctx context.Context, req *iampb.SetIamPolicyRequest) (*iampb.Policy, error) {
	return s.setPolicy(ctx, req, kindSecret, "secretmanager.secrets.setIamPolicy")
}

func (s *secretManager) TestIamPermissions(ctx context.Context, req *iampb.TestIamPermissionsRequest) (*iampb.TestIamPermissionsResponse, error) {
	return s.test(ctx, req, kindSecret)
}
