package cli

import (
	"gatehouse/compiler/access"
	"gatehouse/lang/diag"
)

// unapplied says what the policy declares and no target of the selected environments applies.
func (s *session) unapplied() diag.List { return access.ReportUnapplied(s.omissions()) }

func (s *session) omissions() []access.Omission {
	can := map[string][]access.Capabilities{}
	for _, site := range s.sites() {
		can[site.Environment] = append(can[site.Environment], site.Driver.Capabilities())
	}
	var omitted []access.Omission
	for i := range s.result.Graph.Environments {
		name := s.result.Graph.Environments[i].Name
		omitted = append(omitted, access.Unapplied(s.result.Graph, name, can[name]...)...)
	}
	return omitted
}
