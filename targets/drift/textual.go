package drift

import (
	"fmt"
	"slices"

	"gatehouse/targets"
)

// textual turns the changes that would heal containers into rows: one for a container that is missing, else one for each item.
func (s *site) textual() []Row {
	var out []Row
	for _, c := range s.changes {
		switch {
		case c.Op == targets.Create:
			out = append(out, s.absent(c))
		case len(c.Items) == 0:
			row := s.row(Changed, c.Key)
			row.Detail, row.Remedy = "The object is not as it was compiled.", "Run gatehouse apply."
			out = append(out, row)
		}
		for _, i := range c.Items {
			if c.Op != targets.Create {
				out = append(out, s.item(c, i))
			}
		}
	}
	return out
}

func (s *site) absent(c targets.Change) Row {
	row := s.row(Missing, c.Key)
	row.Detail, row.Remedy = "The object is not there.", "Run gatehouse apply; where it was there before, find out who deleted it."
	for _, i := range c.Items {
		row.Lines = append(row.Lines, i.Why...)
	}
	slices.SortFunc(row.Lines, targets.CompareLine)
	row.Lines = slices.Compact(row.Lines)
	return row
}

func (s *site) item(c targets.Change, i targets.ItemChange) Row {
	row := s.row(Missing, c.Key)
	row.Item, row.Lines = i.Key, i.Why
	switch i.Op {
	case targets.Create:
		row.Detail = fmt.Sprintf("%s is not there; it should be %s.", i.Key, i.To)
		row.Remedy = "Run gatehouse apply."
	case targets.Delete:
		s.surplus(&row, c, i)
	default:
		row.Kind = Changed
		row.Detail = fmt.Sprintf("%s is %s, and should be %s.", i.Key, i.From, i.To)
		row.Remedy = "Run gatehouse apply, and find out who changed it."
	}
	return row
}

// surplus says of an item that should not be there whether an allow that has ended is behind it.
func (s *site) surplus(row *Row, c targets.Change, i targets.ItemChange) {
	row.Kind = Extra
	row.Detail = fmt.Sprintf("%s is there (%s), and nothing declares it.", i.Key, i.From)
	row.Remedy = "Run gatehouse apply to remove it, or declare it."
	if c.Op != targets.Update {
		row.Detail = fmt.Sprintf("%s is there (%s), though its object has left the policy.", i.Key, i.From)
		row.Remedy = "Run gatehouse apply to remove it."
	}
	item, ok := s.lapsed[itemID{c.Key, i.Key, i.From}]
	if !ok {
		return
	}
	row.Kind, row.Lines = Stale, targets.Lines(item.Why)
	row.Detail = fmt.Sprintf("%s is there (%s), though what allowed it has ended.", i.Key, i.From)
	row.Remedy = "Run gatehouse apply to remove it, or extend the allow."
	row.Since = ended(item, s.view.At)
}

// noticed turns what an apply would leave alone into rows. A tombstone does its work, and is none.
func (s *site) noticed() []Row {
	var out []Row
	for _, n := range s.notices {
		row := s.row(Changed, n.Key)
		row.Detail = "The object is not ours: " + n.Detail + "."
		switch n.Kind {
		case targets.NoticeForeign:
			row.Remedy = "Look at who made it; gatehouse apply --adopt takes it over."
		case targets.NoticeOtherOwner:
			row.Remedy = "Settle which of the two policies owns it."
		case targets.NoticeOrphan:
			row.Kind, row.Detail, row.Remedy = Extra, "The object is left over: "+n.Detail+".", "Do as it says, so that its access is removed in order."
		case targets.NoticeExtra:
			row.Kind, row.Item, row.Detail = Extra, n.Item, "The object holds more than ours: "+n.Detail+"."
			row.Remedy = "Take it away by hand, or declare it and adopt it."
		case targets.NoticeUnknown:
			row.Kind, row.Detail, row.Remedy = Unknown, "The object is unknown: "+n.Detail+".", "Do what the reason asks for, such as giving the token the right to read it."
		case targets.NoticeTombstone:
			continue
		}
		out = append(out, row)
	}
	return out
}

// unread reports what could not be read, but for containers, which have a notice.
func (s *site) unread() []Row {
	told := map[string]bool{}
	for _, n := range s.notices {
		if n.Kind == targets.NoticeUnknown {
			told[n.Key.String()] = true
		}
	}
	var out []Row
	for _, u := range s.view.Live.Unknown {
		if told[u.What] {
			continue
		}
		row := s.row(Unknown, targets.Key{})
		row.Detail = fmt.Sprintf("%s could not be read: %s.", u.What, u.Reason)
		row.Remedy = "Do what the reason asks for, such as giving the token the right to read it: until then nobody knows what it gives."
		out = append(out, row)
	}
	return out
}

// postures asks the driver for its findings, where it has any.
func (s *site) postures() []Row {
	auditor, ok := s.view.Site.Driver.(targets.Auditor)
	if !ok {
		return nil
	}
	var out []Row
	for _, f := range auditor.Posture(s.view.Live) {
		row := s.row(Posture, f.Object)
		row.Detail, row.Remedy, row.Since = f.Detail, f.Remedy, f.Since
		if f.Default {
			row.Severity = Note
		}
		out = append(out, row)
	}
	return out
}
