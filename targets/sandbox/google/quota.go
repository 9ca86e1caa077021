package google

import (
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"gatehouse/targets/sandbox"
)

// Quota is how many requests to Secret Manager a project takes in any minute, reads and writes apart. Google's are 600 and 600:
// https://cloud.google.com/secret-manager/quotas. Zero is no limit. It is counted in each process for itself.
type Quota struct {
	Reads, Writes int
}

// pace holds the times of the latest minute's requests.
type pace struct {
	limit Quota
	mu    sync.Mutex
	seen  map[string][]time.Time // by project and kind of request, oldest first
}

// pace refuses a request that comes too soon. Accesses to payloads have a quota of their own, a hundred times as high, and are not paced.
func (g *Google) pace(c sandbox.Call) error {
	limit, what := g.quota.limit.Reads, "Read"
	if c.Write {
		limit, what = g.quota.limit.Writes, "Write"
	}
	if limit == 0 || !strings.HasPrefix(c.Route, "SecretManagerService/") || c.Method == "AccessSecretVersion" {
		return nil
	}
	n, err := parseName(c.Path)
	if err != nil {
		return nil // the method refuses it
	}
	var in project
	err = g.store.View(func(v *sandbox.View) (err error) {
		in, _, err = findProject(v, n.project) // one that isn't there shares its quota with the others that aren't
		return err
	})
	if err != nil || g.quota.take(in.ID+" "+what, limit, g.opts.Clock()) {
		return err
	}
	return status.Errorf(codes.ResourceExhausted, "Quota exceeded for quota metric '%s requests' and limit '%s requests per minute' of service 'secretmanager.googleapis.com' for consumer 'project_number:%s'.", what, what, in.Number)
}

func (p *pace) take(key string, limit int, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seen == nil {
		p.seen = map[string][]time.Time{}
	}
	recent := p.seen[key]
	for len(recent) > 0 && now.Sub(recent[0]) >= time.Minute {
		recent = recent[1:]
	}
	ok := len(recent) < limit
	if ok {
		recent = append(recent, now)
	}
	p.seen[key] = recent
	return ok
}
