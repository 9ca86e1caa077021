package google

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"gatehouse/lang/model"
	"gatehouse/targets"
	"gatehouse/targets/state"
)

// Inspect reads the policies of the secrets that the scope names and of those on which claims stand, one read each, and what else decides
// access: the policies of projects, folders and organizations above them, those of service accounts that have access, and what unknown roles
// hold. It reads secrets' metadata with one list for each project, and no payload ever.
//
// A policy of a secret that may not be read is an error that names the permission. A declared secret that doesn't exist, and what else can't be
// read, is in Unknown.
func (c *Conn) Inspect(ctx context.Context, scope targets.Scope) (targets.Live, error) {
	r := &reading{conn: c, ctx: ctx, scope: scope, declared: map[targets.Key]bool{}}
	for _, step := range []func() error{r.state, r.secrets, r.surroundings, r.groups, r.metadata} {
		if err := step(); err != nil {
			return targets.Live{}, fmt.Errorf("google: %w", err)
		}
	}
	r.live.Settings = targets.Settings{}
	if c.config.Now != nil {
		r.live.Settings[ReadAt] = c.config.Now().UTC().Format(second)
	}
	slices.SortFunc(r.live.Containers, func(a, b targets.Container) int { return targets.CompareKey(a.Key, b.Key) })
	slices.SortFunc(r.live.Context, func(a, b targets.Object) int { return targets.CompareKey(a.Key, b.Key) })
	slices.SortFunc(r.live.Unknown, func(a, b targets.Unknown) int {
		return cmp.Or(cmp.Compare(a.What, b.What), cmp.Compare(a.Reason, b.Reason))
	})
	return r.live, nil
}

// reading is one Inspect under way.
type reading struct {
	conn     *Conn
	ctx      context.Context
	scope    targets.Scope
	declared map[targets.Key]bool
	keys     []targets.Key
	claims   state.Claims
	kept     bool // the claims can be relied on
	whole    bool // the ownership is exclusive, and the state can be relied upon

	mu   sync.Mutex
	live targets.Live
	done int // of keys
}

// state reads what is ours, and with it which secrets are to be read.
func (r *reading) state() error {
	s, err := r.conn.claims.read(r.ctx)
	if err != nil {
		return err
	}
	r.claims, r.kept = s.Claims, s.Standing == state.Kept
	switch s.Standing {
	case state.Lost, state.Old:
		r.unknown("state", fmt.Sprintf("it is %s: %s. What was granted before is not revoked: apply --adopt claims what is declared, the rest is to be taken away by hand; then accept the state with gatehouse state --accept", s.Standing, s.Reason))
	case state.New, state.Kept:
		r.whole = r.conn.config.Ownership == model.Exclusive
	}
	for _, k := range r.scope.Keys {
		if k.Kind == SecretPolicy {
			r.declared[k] = !slices.Contains(r.scope.Left, k)
			r.keys = append(r.keys, k)
		}
	}
	if !r.scope.Only {
		r.keys = append(r.keys, s.Claims.Containers()...)
	}
	slices.SortFunc(r.keys, targets.CompareKey)
	r.keys = slices.Compact(r.keys)
	return nil
}

// secrets reads the policies, several at a time.
func (r *reading) secrets() error {
	return r.conn.inParallel(r.ctx, len(r.keys), func(ctx context.Context, i int) error {
		defer r.tell()
		return r.secret(ctx, r.keys[i])
	})
}

// tell counts what is read. Under a quota of some hundred reads a minute, somebody may be waiting.
func (r *reading) tell() {
	if r.conn.config.Progress == nil || r.scope.Only {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done++
	r.conn.config.Progress(r.done, len(r.keys))
}

func (r *reading) secret(ctx context.Context, k targets.Key) error {
	p, err := r.conn.secretPolicy(ctx, k.Name)
	switch {
	case status.Code(err) == codes.NotFound && !r.declared[k]:
		r.note(targets.Container{Key: k})
		return nil // it has left the policy, and Google: nothing of ours is left of it but claims
	case status.Code(err) == codes.NotFound:
		r.unknown(k.String(), "the secret does not exist: create it, or take it out of the policy")
		return nil
	case err != nil:
		return fmt.Errorf("read %s: %w", k, denied(err, "secretmanager.secrets.getIamPolicy", k.Name))
	}
	body, err := bodyOf(p)
	if err != nil {
		return fmt.Errorf("read %s: %w", k, err)
	}
	all := r.whole && r.declared[k]
	c, err := Normal(k.Name, body, func(item string) bool { return all || r.claims.Ours(k, item) })
	if err != nil {
		return fmt.Errorf("read %w", err)
	}
	r.note(c)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.live.Containers = append(r.live.Containers, c)
	return nil
}

// note has the connection remember claims without an item, where the claims can be relied on.
func (r *reading) note(c targets.Container) {
	if r.kept {
		r.conn.claims.note(c, r.claims)
	}
}

// metadata lists the secrets of each project, for posture alone.
func (r *reading) metadata() error {
	if r.scope.Only {
		return nil
	}
	wanted := map[string]string{} // PROJECT/NAME, without regard to how a project is named
	projects := map[string]bool{}
	for _, c := range r.live.Containers {
		if r.declared[c.Key] {
			projects[projectOf(c.Key.Name)] = true
			wanted[shortName(projectOf(c.Key.Name), c.Key.Name)] = c.Key.Name
		}
	}
	for _, project := range sortedKeys(projects) {
		list, err := patiently(r.ctx, r.conn.config.Patience, func() ([]object, error) { return r.list(project) })
		if err != nil {
			if err := r.missed("secrets of projects/"+project, err, "secretmanager.secrets.list", "projects/"+project); err != nil {
				return err
			}
		}
		for _, s := range list {
			if name, ok := wanted[shortName(project, s.name)]; ok {
				if err := r.keep(targets.Key{Kind: SecretMetadata, Name: name}, s.body); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// object is something that Google answered with.
type object struct {
	name string
	body proto.Message
}

func (r *reading) list(project string) ([]object, error) {
	if err := r.conn.pace.read(r.ctx, project); err != nil {
		return nil, err
	}
	found, err := r.conn.api.secrets(r.ctx, "projects/"+project)
	out := make([]object, len(found))
	for i, s := range found {
		out[i] = object{s.GetName(), s}
	}
	return out, err
}

// shortName is a secret's name after its project: Google answers with the project's number, whatever was asked.
func shortName(project, name string) string {
	return project + name[strings.LastIndexByte(name, '/'):]
}

func (r *reading) unknown(what, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.live.Unknown = append(r.live.Unknown, targets.Unknown{What: what, Reason: reason})
}

// missed notes that something is withheld or gone, which is no failure; every other error is.
func (r *reading) missed(what string, err error, permission, resource string) error {
	switch status.Code(err) {
	case codes.PermissionDenied, codes.NotFound, codes.Unimplemented, codes.InvalidArgument, codes.FailedPrecondition:
		r.unknown(what, denied(err, permission, resource).Error())
		return nil
	default:
		return fmt.Errorf("read %s: %w", what, plain(err))
	}
}

// keep adds an object to the context.
func (r *reading) keep(k targets.Key, m proto.Message) error {
	body, err := bodyOf(m)
	if err != nil {
		return fmt.Errorf("read %s: %w", k, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.live.Context = append(r.live.Context, targets.Object{Key: k, Body: body})
	return nil
}

// bodyOf writes a message in the JSON form that Google's REST API has, without the blanks that protojson puts in at random.
func bodyOf(m proto.Message) (json.RawMessage, error) {
	text, err := protojson.Marshal(m)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = json.Compact(&out, text)
	return out.Bytes(), err
}

// inParallel calls work for 0 to n-1, as many at a time as the connection may. The first error, by number, ends it.
func (c *Conn) inParallel(ctx context.Context, n int, work func(context.Context, int) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	errs := make([]error, n)
	next := make(chan int)
	var wait sync.WaitGroup
	for range min(c.config.Parallel, n) {
		wait.Go(func() {
			for i := range next {
				if errs[i] = work(ctx, i); errs[i] != nil {
					cancel()
				}
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wait.Wait()
	for _, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
	}
	return errors.Join(errs...)
}

func sortedKeys(m map[string]bool) []string { return slices.Sorted(maps.Keys(m)) }
