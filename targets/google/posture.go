package google

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/targets"
)

// ReadAt is the setting of what was read that says when: RFC 3339. Google has no settings that decide access.
const ReadAt = "read_at"

// Posture reports what weakens the policy beside access: reads of payloads that nobody logs, secrets that don't rotate or are late, and
// policies that come close to Google's limits. A default that nobody chose is marked as one.
func (Driver) Posture(live targets.Live) []targets.Finding {
	var out []targets.Finding
	logs := auditOf(live)
	now, _ := time.Parse(time.RFC3339, live.Settings[ReadAt])
	for _, o := range live.Context {
		switch o.Key.Kind {
		case ProjectPolicy:
			if slices.ContainsFunc(live.Containers, func(c targets.Container) bool { return strings.HasPrefix(c.Key.Name, o.Key.Name+"/") }) {
				out = append(out, unlogged(o.Key, logs)...)
			}
		case SecretMetadata:
			out = append(out, rotation(o, now)...)
		}
	}
	for _, c := range live.Containers {
		out = append(out, crowded(c)...)
	}
	return out
}

// audit is what the policies of a hierarchy say about logs of payload reads: in union, so that one of them is enough.
// See https://cloud.google.com/logging/docs/audit/configure-data-access.
type audit struct {
	on       bool
	exempted []string
}

// auditOf reads every policy that was read as context; folders and organizations among them are above all projects here.
func auditOf(live targets.Live) map[string]audit {
	out := map[string]audit{}
	for _, o := range live.Context {
		switch o.Key.Kind {
		case ProjectPolicy:
			out[o.Key.Name] = out[o.Key.Name].add(o.Body)
		case FolderPolicy, OrganizationPolicy:
			out[""] = out[""].add(o.Body)
		}
	}
	return out
}

func (a audit) add(body json.RawMessage) audit {
	var p struct {
		AuditConfigs []struct {
			Service         string
			AuditLogConfigs []struct {
				LogType         string
				ExemptedMembers []string
			}
		}
	}
	if json.Unmarshal(body, &p) != nil {
		return a
	}
	for _, c := range p.AuditConfigs {
		if c.Service != "allServices" && c.Service != "secretmanager.googleapis.com" {
			continue
		}
		for _, l := range c.AuditLogConfigs {
			if l.LogType == "DATA_READ" {
				a.on = true
				a.exempted = append(a.exempted, l.ExemptedMembers...)
			}
		}
	}
	return a
}

func unlogged(project targets.Key, logs map[string]audit) []targets.Finding {
	own, above := logs[project.Name], logs[""]
	exempted := slices.Concat(own.exempted, above.exempted)
	slices.Sort(exempted)
	switch {
	case !own.on && !above.on:
		return []targets.Finding{{
			Object:  project,
			Detail:  "reads of secrets' payloads are not logged: nothing that was read asks for DATA_READ logs of Secret Manager",
			Remedy:  `Add {"service": "secretmanager.googleapis.com", "auditLogConfigs": [{"logType": "DATA_READ"}]} to the audit configs of the project.`,
			Default: true,
		}}
	case len(exempted) > 0:
		return []targets.Finding{{
			Object: project,
			Detail: "reads of secrets' payloads are not logged when these read: " + strings.Join(slices.Compact(exempted), ", "),
			Remedy: "Take the exemptions from the audit configs.",
		}}
	}
	return nil
}

func rotation(o targets.Object, now time.Time) []targets.Finding {
	var s struct {
		Rotation *struct{ NextRotationTime time.Time }
	}
	if json.Unmarshal(o.Body, &s) != nil {
		return nil
	}
	if s.Rotation == nil {
		return []targets.Finding{{
			Object:  o.Key,
			Detail:  "the secret has no rotation schedule",
			Remedy:  "Set rotation.next_rotation_time and rotation.rotation_period, and a topic that is told when it is time.",
			Default: true,
		}}
	}
	if next := s.Rotation.NextRotationTime; !next.IsZero() && next.Before(now) {
		return []targets.Finding{{
			Object: o.Key,
			Detail: fmt.Sprintf("the secret should have rotated at %s", next.UTC().Format(second)),
			Remedy: "Add a new version, and set rotation.next_rotation_time.",
			Since:  next.UTC(),
		}}
	}
	return nil
}

func crowded(c targets.Container) []targets.Finding {
	p, err := parsePolicy(c.Body)
	if err != nil {
		return nil
	}
	t := p.tally()
	if t.principals() < warnAt(MaxPrincipals) && t.groups < warnAt(MaxGroups) && t.conditions < warnAt(MaxConditions) {
		return nil
	}
	return []targets.Finding{{
		Object: c.Key,
		Detail: fmt.Sprintf("the policy comes close to what Google takes: principals: %s; groups and domains: %d of %d; conditions of one role and member: %d of %d",
			t, t.groups, MaxGroups, t.conditions, MaxConditions),
		Remedy: "Take away what nobody needs: Google refuses the binding that exceeds a limit.",
	}}
}
