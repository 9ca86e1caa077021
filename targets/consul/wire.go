package consul

import (
	"fmt"
	"mime"
	"net/http"

	"github.com/hashicorp/consul/api"
)

// wire stands between Consul's client and the network, and sees to what the client leaves open.
type wire struct {
	http.RoundTripper
	partition, namespace string
}

// RoundTrip sends one request without what came from CONSUL_PARTITION and CONSUL_NAMESPACE, and refuses an answer that can't be an agent's.
func (w wire) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := w.RoundTripper.RoundTrip(w.scoped(request))
	if err != nil {
		return nil, err
	}
	if err := genuine(response); err != nil {
		response.Body.Close()
		return nil, err
	}
	// The client reads headers up to the first one that is missing. Were it this, the mark of a list that is not whole would be passed over.
	if response.Header.Get("X-Consul-LastContact") == "" {
		response.Header.Set("X-Consul-LastContact", "0")
	}
	return response, nil
}

// scoped takes a partition and a namespace out of the query that Config does not name.
func (w wire) scoped(request *http.Request) *http.Request {
	query := request.URL.Query()
	if w.partition == "" {
		query.Del("partition")
	}
	if w.namespace == "" {
		query.Del("ns")
	}
	request = request.Clone(request.Context())
	request.URL.RawQuery = query.Encode()
	return request
}

// noAgent is what to think of an answer that no agent gives: it is another server's, or a gateway's that has lost its own.
const noAgent = "what answers there is no Consul agent"

// genuine reports an answer of success whose body is no JSON. The client would take one to a write for a no.
func genuine(response *http.Response) error {
	if response.StatusCode != http.StatusOK {
		return nil
	}
	header := response.Header.Get("Content-Type")
	if kind, _, err := mime.ParseMediaType(header); err == nil && kind == "application/json" {
		return nil
	}
	return api.StatusError{Code: response.StatusCode, Body: fmt.Sprintf("%s (Content-Type %q)", noAgent, header)}
}
