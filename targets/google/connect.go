package google

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/api/option"

	"gatehouse/lang/model"
	"gatehouse/targets"
	"gatehouse/targets/state"
)

// Config says how to talk to one environment's Google Cloud.
type Config struct {
	Project       string                // the environment's project ID
	ProjectNumber string                // as the policy says it; empty: Google is asked
	Ownership     model.Ownership       // empty: additive
	Accounts      []string              // e-mails of the workloads' service accounts: who can act as them is read too
	Groups        map[string][]string   // who belongs to groups, by their addresses, as ReadGroups reads it; of others it is not known
	State         state.Store           // what is ours; nil: nothing is, and nothing can be written
	Endpoint      string                // host:port of a compatible server, without TLS and credentials; empty: Google itself
	Pace          Pace                  // the zero Pace is Google's quota, or none where there is an endpoint
	Parallel      int                   // calls at a time; 0: 16
	Patience      time.Duration         // how long a call is repeated that Google can't answer now; 0: 15 s. Quotas are waited for longer
	Progress      func(done, total int) // is told of each secret\'s policy that Inspect has read, one call at a time; nil: nobody is
	Now           func() time.Time      // the clock, for what is overdue; nil: nothing is
	Options       []option.ClientOption // for every client, after the others
}

// Conn is a connection to one environment's project, and to what else decides about its secrets. It is safe for concurrent use.
type Conn struct {
	config Config
	api    api
	pace   *pace
	claims *claims
}

var _ targets.Conn = (*Conn)(nil)

// Connect prepares a connection. Without an endpoint it finds Application Default Credentials, and fails where there are none; nothing is
// asked of Secret Manager yet. The context is for the connection's whole life.
func Connect(ctx context.Context, c Config) (*Conn, error) {
	api, err := dial(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("google: connect: %w", err)
	}
	return newConn(c, api), nil
}

func newConn(c Config, api api) *Conn {
	if c.Parallel <= 0 {
		c.Parallel = 16
	}
	if c.Patience == 0 {
		c.Patience = 15 * time.Second
	}
	if c.Endpoint != "" && c.Pace == (Pace{}) {
		c.Pace = Pace{Reads: -1, Writes: -1}
	}
	return &Conn{config: c, api: api, pace: newPace(c.Pace), claims: newClaims(c.State)}
}

// Close ends the connection.
func (c *Conn) Close() error { return c.api.close() }

// errNoState says that a connection can't write.
var errNoState = errors.New("there is no state to keep claims in")
