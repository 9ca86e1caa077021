// Package snapshot keeps what was read of remote systems in one file, which plan, drift and the questions accept in place of the systems
// themselves: whoever holds it needs no credentials, and sees what was there when it was taken. It holds what targets.Live holds (raw
// objects that decide access, settings, and what could not be read), never a secret's payload nor a credential, because no driver reads
// them.
//
// A snapshot answers for what was asked when it was taken. A container that a newer policy desires and nobody read then is unknown, neither
// there nor absent.
package snapshot

import (
	"fmt"
	"io"
	"slices"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/targets"
)

// Format names the file's form and its version.
const Format = "gatehouse.dev/snapshot/v1"

// Snapshot is what some sites of one policy held at one time.
type Snapshot struct {
	Format string    `json:"format"`
	Policy string    `json:"policy"`
	Time   time.Time `json:"time"` // when reading began, in UTC seconds
	Sites  []Site    `json:"sites"`
}

// Site is one environment of one target.
type Site struct {
	Environment string           `json:"environment"`
	Target      access.Target    `json:"target"`
	Realm       string           `json:"realm"`
	Asked       []targets.Key    `json:"asked"` // containers that were asked for: what is not below was not there
	Containers  []container      `json:"containers"`
	Context     []targets.Object `json:"context"`
	Settings    targets.Settings `json:"settings,omitempty"`
	Unknown     []unknown        `json:"unknown"`
}

// Of returns a snapshot of what was observed. The views are those of one policy.
func Of(policy string, taken time.Time, views []targets.View) Snapshot {
	s := Snapshot{Format: Format, Policy: policy, Time: taken.UTC().Truncate(time.Second), Sites: []Site{}}
	for _, v := range views {
		site := Site{
			Environment: v.Site.Environment, Target: v.Proof.Target, Realm: v.Proof.Realm,
			Asked: []targets.Key{}, Containers: []container{}, Context: []targets.Object{}, Settings: v.Live.Settings, Unknown: []unknown{},
		}
		for _, c := range v.Proof.Desired.Containers {
			site.Asked = append(site.Asked, c.Key)
		}
		for _, c := range v.Live.Containers {
			site.Containers = append(site.Containers, record(c))
		}
		site.Context = append(site.Context, v.Live.Context...)
		for _, u := range v.Live.Unknown {
			site.Unknown = append(site.Unknown, unknown(u))
		}
		s.Sites = append(s.Sites, site)
	}
	return s
}

// Save writes a snapshot: indented JSON, the same bytes for the same snapshot.
func Save(w io.Writer, s Snapshot) error { return targets.Encode(w, s, "snapshot") }

// Load reads a snapshot. It refuses another format, unknown fields, anything after the snapshot, and a site that stands in it twice.
func Load(r io.Reader) (Snapshot, error) {
	var s Snapshot
	if err := targets.Decode(r, &s, "snapshot", Format, "take it again"); err != nil {
		return Snapshot{}, err
	}
	return s, s.check()
}

func (s Snapshot) check() error {
	type place struct {
		environment string
		target      access.Target
	}
	seen := map[place]bool{}
	for _, site := range s.Sites {
		p := place{site.Environment, site.Target}
		if seen[p] {
			return fmt.Errorf("read snapshot: %s in %q stands in it twice", site.Target, site.Environment)
		}
		seen[p] = true
	}
	return nil
}

// Conn returns a connection that answers from the snapshot: it reads and never writes. It is an error where the snapshot holds nothing of
// the site, or of another remote system under the environment's name.
func (s Snapshot) Conn(environment string, target access.Target, realm string) (targets.Conn, error) {
	i := slices.IndexFunc(s.Sites, func(site Site) bool { return site.Environment == environment && site.Target == target })
	switch {
	case i < 0:
		return nil, fmt.Errorf("%s: the snapshot holds nothing of %q: take it with that environment and target", target, environment)
	case s.Sites[i].Realm != realm:
		return nil, fmt.Errorf("%s: the snapshot's %q is %s, and the policy's is %s: take it again", target, environment, named(s.Sites[i].Realm), named(realm))
	}
	return &conn{site: s.Sites[i]}, nil
}

func named(realm string) string {
	if realm == "" {
		return "without a place of its own"
	}
	return fmt.Sprintf("%q", realm)
}
