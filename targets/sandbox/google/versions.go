package google

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strconv"
	"time"

	"cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"gatehouse/targets/sandbox"
)

// maxPayload is the size of a secret version at most: 64 KiB.
const maxPayload = 64 << 10

// AddSecretVersion takes a payload and forgets it, but for its length.
func (s *secretManager) AddSecretVersion(ctx context.Context, req *secretmanagerpb.AddSecretVersionRequest) (*secretmanagerpb.SecretVersion, error) {
	n, err := parseKind(req.GetParent(), kindSecret)
	if err != nil {
		return nil, err
	}
	if err := checkPayload(req.GetPayload()); err != nil {
		return nil, err
	}
	var out *secretmanagerpb.SecretVersion
	err = s.store.Update(func(tx *sandbox.Tx) error {
		at, err := s.allow(ctx, &tx.View, "secretmanager.versions.add", n)
		if err != nil {
			return err
		}
		out, err = s.putVersion(tx, at, req.GetPayload())
		return err
	})
	return out, err
}

func (g *Google) putVersion(tx *sandbox.Tx, at place, payload *secretmanagerpb.SecretPayload) (*secretmanagerpb.SecretVersion, error) {
	record, _ := tx.Get(at.key)
	_, held, err := parseSecret(record)
	if err != nil {
		return nil, err
	}
	held.Latest++
	made := versionRecord{Length: len(payload.GetData()), Made: g.opts.Clock().Unix()}
	if err := put(tx, versionKey(at.in.ID, at.name.name, held.Latest), made); err != nil {
		return nil, err
	}
	if record.Value, err = json.Marshal(held); err != nil {
		return nil, fmt.Errorf("sandbox: write %s: %w", record.Key, err)
	}
	tx.Put(record) // its etag stays: a version is no change of the secret
	return &secretmanagerpb.SecretVersion{
		Name:       at.full() + "/versions/" + strconv.FormatInt(held.Latest, 10),
		CreateTime: timestamppb.New(time.Unix(made.Made, 0)),
		State:      secretmanagerpb.SecretVersion_ENABLED,
		Etag:       fmt.Sprintf(`"%x"`, tx.Next()),

		ClientSpecifiedPayloadChecksum: payload.DataCrc32C != nil,
	}, nil
}

func checkPayload(p *secretmanagerpb.SecretPayload) error {
	switch {
	case len(p.GetData()) == 0:
		return invalid("Secret Payload cannot be empty.")
	case len(p.GetData()) > maxPayload:
		return invalid("The secret payload is %d bytes; the limit is %d.", len(p.GetData()), maxPayload)
	case p.DataCrc32C != nil && p.GetDataCrc32C() != checksum(p.GetData()):
		return invalid("The payload's CRC32C checksum does not match.")
	}
	return nil
}

func checksum(data []byte) int64 {
	return int64(crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli)))
}

// AccessSecretVersion gives who may access a version as many letters x as its payload had bytes.
func (s *secretManager) AccessSecretVersion(ctx context.Context, req *secretmanagerpb.AccessSecretVersionRequest) (*secretmanagerpb.AccessSecretVersionResponse, error) {
	n, err := parseKind(req.GetName(), kindVersion)
	if err != nil {
		return nil, err
	}
	var out *secretmanagerpb.AccessSecretVersionResponse
	err = s.store.View(func(v *sandbox.View) error {
		at, err := s.allow(ctx, v, "secretmanager.versions.access", n)
		if err != nil {
			return err
		}
		if at.version, err = latest(v, at); err != nil {
			return err
		}
		version, err := findVersion(v, at)
		if err != nil {
			return err
		}
		data := bytes.Repeat([]byte("x"), version.Length)
		sum := checksum(data)
		out = &secretmanagerpb.AccessSecretVersionResponse{Name: at.full(), Payload: &secretmanagerpb.SecretPayload{Data: data, DataCrc32C: &sum}}
		return nil
	})
	return out, err
}

// latest gives a version's number, where it may be called "latest".
func latest(v *sandbox.View, at place) (string, error) {
	if at.version != "latest" {
		return at.version, nil
	}
	record, _ := v.Get(at.key)
	_, held, err := parseSecret(record)
	if err != nil {
		return "", err
	}
	if held.Latest == 0 {
		return "", at.missing()
	}
	return strconv.FormatInt(held.Latest, 10), nil
}

func findVersion(v *sandbox.View, at place) (version versionRecord, err error) {
	missing := status.Errorf(codes.NotFound, "Secret Version [%s] not found.", at.full())
	n, err := strconv.ParseInt(at.version, 10, 64)
	if err != nil {
		return version, missing
	}
	record, ok := v.Get(versionKey(at.in.ID, at.name.name, n))
	if !ok {
		return version, missing
	}
	if err := json.Unmarshal(record.Value, &version); err != nil {
		return version, fmt.Errorf("sandbox: read %s: %w", record.Key, err)
	}
	return version, nil
}
