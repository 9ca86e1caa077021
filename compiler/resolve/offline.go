package resolve

import (
	"fmt"
	"regexp"

	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/lang/syntax"
)

// datasetID is the rule for datasets in BigQuery's API (DatasetReference.datasetId): "The ID must contain only letters (a-z, A-Z), numbers (0-9),
// or underscores (_). The maximum length is 1,024 characters." Ids are compared with regard to case.
var datasetID = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

func datasetRule(s string) string {
	if len(s) <= 1024 && datasetID.MatchString(s) {
		return ""
	}
	return "A dataset's id has 1 to 1024 of A-Z, a-z, 0-9 and \"_\", no hyphens: it is the id alone, without the project."
}

// offlinePlace names a store's dataset in a place, and the project that it is in.
func (r *resolver) offlinePlace(p *place, offline *syntax.Block) (project string, dataset model.Text) {
	google := p.environment.Google
	switch {
	case offline == nil:
		r.datasetWithoutSurface(p)
		return "", model.Text{}
	case google == nil:
		r.missingTarget(p, p.listed, "google",
			fmt.Sprintf("%s can't be offline in environment.%s, which has no Google project", p.of.addr, p.environment.Name),
			fmt.Sprintf("take environment.%s out of this list", p.environment.Name))
		return "", model.Text{}
	}
	own, written := r.text(offline, "dataset")
	if !written && hasAttr(offline, "dataset") {
		return "", model.Text{} // reported
	}
	return r.projectOf(p), r.remoteName(p, remoteName{
		attr: "dataset", own: own, template: p.environment.dataset, target: "google", rule: datasetRule, what: "dataset id",
	})
}

// projectOf returns the Google project of a resource in a place: its own, or the environment's; empty where it was reported.
func (r *resolver) projectOf(p *place) string {
	if p.override == nil || !hasAttr(p.override, "project") {
		return p.environment.Google.Project
	}
	project, ok := r.text(p.override, "project")
	if !ok {
		return ""
	}
	return r.project(project)
}

func (r *resolver) datasetWithoutSurface(p *place) {
	if p.override == nil || r.unsure(p.of) {
		return
	}
	for _, name := range []string{"dataset", "project"} {
		if a, ok := p.override.Attr(name); ok {
			r.error(diag.MissingBlock, a.Range, fmt.Sprintf("%s has no offline block", p.of.addr),
				fmt.Sprintf("The %s is of the store's offline surface. Add offline {} to the store, or delete the attribute.", name), diag.Related{Message: "the feature store", Range: p.of.block.Decl})
		}
	}
}
