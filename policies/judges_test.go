package policies_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/compiler/access"
	"gatehouse/lang/model"
	"gatehouse/policies"
)

func TestDiffJudges(t *testing.T) {
	judged := func(packNames, folders []string) *model.Policy {
		return &model.Policy{Packs: packs(packNames...), Guardrails: packs(folders...)}
	}
	removed := func(names ...string) (out []policies.JudgeChange) {
		for _, name := range names {
			out = append(out, policies.JudgeChange{Name: name, Fate: access.Removed})
		}
		return out
	}
	for name, c := range map[string]struct {
		before, after *model.Policy
		want          []policies.JudgeChange
	}{
		"the same":         {judged([]string{"soc2", "strict"}, []string{"rules"}), judged([]string{"strict"}, []string{"./rules/"}), nil},
		"a smaller pack":   {judged([]string{"soc2", "baseline"}, nil), judged([]string{"soc2"}, nil), removed("denies/match-something", "exceptions/few-in-force", "exceptions/few-subjects", "exceptions/useful", "groups/not-everybody", "http/denied-paths-hold", "http/paths-are-normal", "remote/limits-are-far", "role/people-do-not-write")},
		"none of our own":  {judged(nil, []string{"rules"}), judged(nil, nil), removed("rules")},
		"one of our own":   {judged(nil, nil), judged(nil, []string{"rules"}), []policies.JudgeChange{{Name: "rules", Fate: access.Added}}},
		"no policy before": {nil, judged(nil, []string{"rules"}), []policies.JudgeChange{{Name: "rules", Fate: access.Added}}},
	} {
		if diff := cmp.Diff(c.want, policies.DiffJudges(c.before, c.after)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
