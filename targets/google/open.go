package google

import (
	"slices"
	"strings"

	"gatehouse/compiler/access"
)

// open gives one edge, still without its end, for each principal that a passage lets through and each time at which it does: those whom its
// binding names, known members of sets among them, without those whom a deny policy keeps out. The lineage is that of what the passage leads to.
func (i *interpreter) open(p *passage, at place, lineage []string, give func(access.Edge)) {
	people := i.whom(p.principals)
	for _, when := range i.when(p, at) {
		for _, s := range people {
			i.through(p, s, when, lineage, give)
		}
	}
}

func (i *interpreter) through(p *passage, s someone, when moment, lineage []string, give func(access.Edge)) {
	kept, which := i.keptOut(p, s.name, lineage)
	if kept == yes && s.name == access.Anyone {
		i.excepted(p, when, lineage, give)
	}
	if kept == yes {
		return
	}
	e := access.Edge{From: principal(s.name), Requests: when.requests, Spans: when.spans, Via: slices.Concat(s.via, p.via)}
	if kept == maybe {
		e.Requests = both(e.Requests, "unknown denial: "+which)
	}
	if b, may := i.bounded(s.name); may {
		e.Requests = both(e.Requests, "unknown boundary: "+b)
	}
	if s.name == access.Anyone {
		e.Except = i.keptOutOf(p, lineage)
	}
	give(e)
}

func both(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(t string) bool { return t == "" }), " and ")
}

// keptOut says whether a deny policy keeps somebody from one of the permissions that a passage needs.
func (i *interpreter) keptOut(p *passage, name string, lineage []string) (certainty, string) {
	worst, which := no, ""
	for _, c := range p.clauses {
		if sure, by := i.denied(name, c.permission, p.where(c.permission, lineage)); sure > worst {
			worst, which = sure, by
		}
	}
	return worst, which
}

// where returns the lineage of what a permission is used on: the policy of a folder or organization is changed there, and not where the passage
// leads to. A deny policy further down may leave another way, and is not counted.
func (p *passage) where(permission string, lineage []string) []string {
	if permission != setFolderPolicy && permission != setOrgPolicy {
		return lineage
	}
	if from := slices.Index(lineage, p.at.Name); from >= 0 {
		return lineage[from:]
	}
	return nil
}

// keptOutOf returns the names, sorted, that a passage for everybody does not let through.
func (i *interpreter) keptOutOf(p *passage, lineage []string) []string {
	var out []string
	for _, name := range i.deniedPeople() {
		if kept, _ := i.keptOut(p, name, lineage); kept == yes {
			out = append(out, name)
		}
	}
	return out
}

// excepted gives a passage for everybody to those whom a deny policy of everybody excepts.
func (i *interpreter) excepted(p *passage, when moment, lineage []string, give func(access.Edge)) {
	for _, name := range i.deniedPeople() {
		if kept, _ := i.keptOut(p, name, lineage); kept != yes {
			i.through(p, someone{name: name, via: []access.Step{{Detail: "a deny policy of everybody excepts " + name}}}, when, lineage, give)
		}
	}
}

// deniedPeople returns the names that deny policies speak of, and everybody who is known, sorted.
func (i *interpreter) deniedPeople() []string {
	if len(i.denials) == 0 {
		return nil
	}
	all := slices.Clone(i.people())
	for _, d := range i.denials {
		for _, r := range d.rules {
			all = slices.Concat(all, r.principals, r.exceptPrincipals)
		}
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(name string) bool { return name == access.Anyone })
}
