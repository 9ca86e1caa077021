package consul

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
)

// maxBody bounds what a request may send. Consul itself has no bound on config entries.
const maxBody = 256 << 20

// decode reads a config entry from a request's body as loosely as Consul does: keys in any case or in snake_case, numbers for strings
// and strings for numbers, a single element for a list and the reverse. Unknown keys are refused. The decoder is the one that Consul
// uses, so that its texts are the same.
func decode(body io.Reader) (entry, error) {
	e, err := decodeEntry(io.LimitReader(body, maxBody))
	var r *refusal
	if err == nil || errors.As(err, &r) {
		return e, err
	}
	return nil, refuse(http.StatusBadRequest, "Request decoding failed: %v", err)
}

func decodeEntry(body io.Reader) (entry, error) {
	var document any
	if err := json.NewDecoder(body).Decode(&document); err != nil {
		return nil, err
	}
	var raw map[string]any
	if err := mapstructure.Decode(document, &raw); err != nil {
		return nil, err
	}
	kind, ok := raw["Kind"]
	if !ok {
		kind, ok = raw["kind"]
	}
	if !ok {
		return nil, errors.New("Payload does not contain a kind/Kind key at the top level")
	}
	name, ok := kind.(string)
	if !ok {
		return nil, errors.New("Kind value in payload is not a string")
	}
	e, err := newEntry(name, "")
	if err != nil {
		return nil, err
	}
	return e, decodeInto(e, raw)
}

func decodeInto(e entry, raw map[string]any) error {
	var seen mapstructure.Metadata
	decoder, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{
		DecodeHook: mapstructure.ComposeDecodeHookFunc(
			unwrapSingle,
			canonicalKeys,
			mapstructure.StringToTimeDurationHookFunc(),
			mapstructure.StringToTimeHookFunc(time.RFC3339),
		),
		Metadata:         &seen,
		Result:           e,
		WeaklyTypedInput: true,
	})
	if err != nil {
		return err
	}
	if err := decoder.Decode(raw); err != nil {
		return err
	}
	return refuseUnknown(seen.Unused)
}

func refuseUnknown(keys []string) error {
	var all problems
	for _, k := range keys {
		switch lower := strings.ToLower(k); {
		case k == "CreateIndex", k == "ModifyIndex", lower == "kind", lower == "hash":
		case strings.HasSuffix(lower, "namespace"):
			all.add("invalid config key %q, namespaces are a consul enterprise feature", k)
		case strings.Contains(lower, "jwt"):
			all.add("invalid config key %q, api-gateway jwt validation is a consul enterprise feature", k)
		default:
			all.add("invalid config key %q", k)
		}
	}
	return all.err()
}

// unwrapSingle takes the element out of a list of one where no list is wanted: Consul's HCL gives single blocks as such lists.
func unwrapSingle(from, to reflect.Type, data any) (any, error) {
	list, ok := data.([]any)
	if !ok || len(list) != 1 || to.Kind() == reflect.Slice || to.Kind() == reflect.Array {
		return data, nil
	}
	if list[0] == nil {
		return nil, errNull // the decoder does not survive it, here as there
	}
	return list[0], nil
}

// canonicalKeys renames the snake_case keys that a struct's alias tags name. The canonical key wins where both are given.
func canonicalKeys(_, to reflect.Type, data any) (any, error) {
	source, ok := data.(map[string]any)
	if !ok || to.Kind() != reflect.Struct {
		return data, nil
	}
	out := make(map[string]any, len(source))
	names := aliases(to)
	for k, v := range source {
		canonical, ok := names[strings.ToLower(k)]
		if !ok {
			out[k] = v
			continue
		}
		if given, both := source[canonical]; both {
			v = given
		}
		out[canonical] = v
	}
	return out, nil
}

func aliases(t reflect.Type) map[string]string {
	names := map[string]string{}
	for field := range t.Fields() {
		if alias := field.Tag.Get("alias"); alias != "" {
			names[alias] = strings.ToLower(field.Name)
		}
	}
	return names
}

// problems is a list of errors with the text that Consul's library for such lists gives it.
type problems []string

func (p *problems) add(format string, args ...any) { *p = append(*p, fmt.Sprintf(format, args...)) }

func (p *problems) addErr(err error) {
	var more *problemsError
	switch {
	case errors.As(err, &more):
		*p = append(*p, more.list...)
	case err != nil:
		*p = append(*p, err.Error())
	}
}

func (p problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return &problemsError{p}
}

type problemsError struct{ list problems }

func (e *problemsError) Error() string {
	count := "1 error occurred:"
	if len(e.list) > 1 {
		count = fmt.Sprintf("%d errors occurred:", len(e.list))
	}
	return count + "\n\t* " + strings.Join(e.list, "\n\t* ") + "\n\n"
}
