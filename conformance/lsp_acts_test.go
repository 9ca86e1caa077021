package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// The acts of a conversation. Each returns what the server answered, as lines for people.

func (e *editor) open(args []string) []string {
	e.opened[args[0]] = 1
	e.tell("textDocument/didOpen", map[string]any{"textDocument": map[string]any{
		"uri": e.uri(args[0]), "languageId": "gatehouse", "version": 1, "text": unmarked(e.marked[args[0]]),
	}})
	return nil
}

// edit replaces the first place of a text by another, and sends just that.
func (e *editor) edit(args []string) []string {
	file, old, text := args[0], args[1], args[2]
	at := strings.Index(e.marked[file], old)
	if at < 0 {
		e.t.Fatalf("%s doesn't hold %q", file, old)
	}
	before, rest := e.marked[file][:at], e.marked[file][at+len(old):]
	e.change(file, span{spotOf(unmarked(before)), spotOf(unmarked(before + old))}, unmarked(text))
	e.marked[file] = before + text + rest
	return nil
}

func (e *editor) change(file string, where span, text string) {
	e.opened[file]++
	e.tell("textDocument/didChange", map[string]any{
		"textDocument":   map[string]any{"uri": e.uri(file), "version": e.opened[file]},
		"contentChanges": []any{map[string]any{"range": where, "text": text}},
	})
}

func (e *editor) save(args []string) []string {
	e.write(args[0], unmarked(e.marked[args[0]]))
	e.tell("textDocument/didSave", e.document(args[0]))
	return nil
}

func (e *editor) shut(args []string) []string {
	delete(e.opened, args[0])
	e.tell("textDocument/didClose", e.document(args[0]))
	return nil
}

// disk writes a file behind the editor's back, which notices.
func (e *editor) disk(args []string) []string {
	e.write(args[0], args[1])
	e.tell("workspace/didChangeWatchedFiles", map[string]any{"changes": []any{map[string]any{"uri": e.uri(args[0]), "type": 2}}})
	return nil
}

func (e *editor) folder(args []string) []string {
	e.tell("workspace/didChangeWorkspaceFolders", map[string]any{"event": map[string]any{
		"added": []any{map[string]any{"uri": e.uri(args[0]), "name": args[0]}}, "removed": []any{},
	}})
	return nil
}

func (e *editor) document(file string) map[string]any {
	return map[string]any{"textDocument": map[string]any{"uri": e.uri(file)}}
}

func (e *editor) diagnostics([]string) []string {
	e.settle()
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []string
	for _, file := range slices.Sorted(maps.Keys(e.said)) {
		p := e.said[file]
		if want := e.opened[file]; want > 0 && (p.Version == nil || *p.Version != want) {
			out = append(out, fmt.Sprintf("%s: nothing is said of version %d", file, want))
		}
		for _, d := range p.Diagnostics {
			severity := []string{"", "error", "warning", "information"}[d.Severity]
			out = append(out, fmt.Sprintf("%s:%s %s %s: %s", file, shownSpan(d.Range), severity, d.Code, strings.ReplaceAll(d.Message, "\n", " | ")))
			for _, r := range d.Related {
				out = append(out, fmt.Sprintf("  %s: %s", shownPlace(r.Location), r.Message))
			}
		}
	}
	return some(out, "no diagnostics")
}

// shownSpan counts from 1, as people do: 3:5-9, or 3:5-4:1.
func shownSpan(s span) string {
	if s.Start.Line == s.End.Line {
		return fmt.Sprintf("%d:%d-%d", s.Start.Line+1, s.Start.Character+1, s.End.Character+1)
	}
	return fmt.Sprintf("%d:%d-%d:%d", s.Start.Line+1, s.Start.Character+1, s.End.Line+1, s.End.Character+1)
}

func shownPlace(p place) string { return p.URI + ":" + shownSpan(p.Range) }

func some(lines []string, none string) []string {
	if len(lines) == 0 {
		return []string{none}
	}
	return lines
}

func refused(err error) []string { return []string{"refused: " + err.Error()} }

type proposal struct {
	Label    string `json:"label"`
	Detail   string `json:"detail"`
	TextEdit struct {
		Range   span   `json:"range"`
		NewText string `json:"newText"`
	} `json:"textEdit"`
}

func (e *editor) proposals(mark string) []proposal {
	var list struct {
		Items []proposal `json:"items"`
	}
	if err := e.call("textDocument/completion", e.placed(mark), &list); err != nil {
		e.t.Fatal(err)
	}
	return list.Items
}

func (e *editor) complete(args []string) []string {
	var out []string
	for _, p := range e.proposals(args[0]) {
		line := p.Label
		if p.Detail != "" {
			line += "  (" + p.Detail + ")"
		}
		out = append(out, line)
	}
	return some(out, "nothing")
}

// accept takes a proposal, and shows the lines that come of it; places to fill in stay as the server wrote them.
func (e *editor) accept(args []string) []string {
	file, _ := e.at(args[0])
	for _, p := range e.proposals(args[0]) {
		if p.Label == args[1] {
			e.replace(file, p.TextEdit.Range, p.TextEdit.NewText)
			from := p.TextEdit.Range.Start.Line
			lines := strings.Split(unmarked(e.marked[file]), "\n")
			return lines[from : from+1+strings.Count(p.TextEdit.NewText, "\n")]
		}
	}
	return []string{"not proposed"}
}

// replace edits an open text. The marks in what is replaced are lost.
func (e *editor) replace(file string, where span, text string) {
	now := e.marked[file]
	from, _ := around(now, byteOf(unmarked(now), where.Start))
	_, to := around(now, byteOf(unmarked(now), where.End))
	e.marked[file] = now[:from] + text + now[to:]
	e.change(file, where, text)
}

// around returns where a place of the unmarked text is in the marked one: before the marks that stand there, and behind them.
func around(marked string, at int) (before, behind int) {
	hidden := 0 // bytes of marks so far
	for _, m := range marks.FindAllStringIndex(marked, -1) {
		clean := m[0] - hidden
		if clean == at {
			return m[0], m[1]
		}
		if clean > at {
			break
		}
		hidden += m[1] - m[0]
	}
	return at + hidden, at + hidden
}

func (e *editor) hover(args []string) []string {
	var answer struct {
		Contents struct {
			Value string `json:"value"`
		} `json:"contents"`
		Range span `json:"range"`
	}
	if err := e.call("textDocument/hover", e.placed(args[0]), &answer); err != nil {
		return refused(err)
	}
	if answer.Contents.Value == "" {
		return []string{"nothing"}
	}
	return append([]string{"at " + shownSpan(answer.Range)}, strings.Split(answer.Contents.Value, "\n")...)
}

func (e *editor) places(method, mark string) []string {
	params := e.placed(mark)
	params["context"] = map[string]any{"includeDeclaration": true}
	var answer []place
	if err := e.call(method, params, &answer); err != nil {
		return refused(err)
	}
	var out []string
	for _, p := range answer {
		out = append(out, shownPlace(p))
	}
	return some(out, "nothing")
}

func (e *editor) definition(args []string) []string {
	return e.places("textDocument/definition", args[0])
}

func (e *editor) references(args []string) []string {
	return e.places("textDocument/references", args[0])
}

func (e *editor) highlight(args []string) []string {
	var answer []struct {
		Range span `json:"range"`
		Kind  int  `json:"kind"`
	}
	if err := e.call("textDocument/documentHighlight", e.placed(args[0]), &answer); err != nil {
		return refused(err)
	}
	var out []string
	for _, h := range answer {
		out = append(out, fmt.Sprintf("%s %s", shownSpan(h.Range), []string{"", "text", "reads", "declares"}[h.Kind]))
	}
	return some(out, "nothing")
}

func (e *editor) prepare(args []string) []string {
	var answer struct {
		Range       span   `json:"range"`
		Placeholder string `json:"placeholder"`
	}
	if err := e.call("textDocument/prepareRename", e.placed(args[0]), &answer); err != nil {
		return refused(err)
	}
	return []string{shownSpan(answer.Range) + " " + answer.Placeholder}
}

type workspaceEdit struct {
	Changes map[string][]struct {
		Range   span   `json:"range"`
		NewText string `json:"newText"`
	} `json:"changes"`
}

func shownEdit(w workspaceEdit) []string {
	var out []string
	for _, uri := range slices.Sorted(maps.Keys(w.Changes)) {
		for _, c := range w.Changes[uri] {
			out = append(out, fmt.Sprintf("%s:%s %q", uri, shownSpan(c.Range), c.NewText))
		}
	}
	return out
}

func (e *editor) rename(args []string) []string {
	params := e.placed(args[0])
	params["newName"] = args[1]
	var answer workspaceEdit
	if err := e.call("textDocument/rename", params, &answer); err != nil {
		return refused(err)
	}
	return append(shownEdit(answer), e.heard()...)
}

type outlined struct {
	Name           string     `json:"name"`
	Detail         string     `json:"detail"`
	Range          span       `json:"range"`
	SelectionRange span       `json:"selectionRange"`
	Children       []outlined `json:"children"`
}

func (e *editor) outline(args []string) []string {
	var answer []outlined
	if err := e.call("textDocument/documentSymbol", e.document(args[0]), &answer); err != nil {
		return refused(err)
	}
	return some(shownOutline(answer, ""), "nothing")
}

func shownOutline(list []outlined, indent string) []string {
	var out []string
	for _, o := range list {
		line := fmt.Sprintf("%s%s %s", indent, shownSpan(o.Range), o.Name)
		if o.Detail != "" {
			line += ": " + o.Detail
		}
		out = append(append(out, line), shownOutline(o.Children, indent+"  ")...)
	}
	return out
}

func (e *editor) find(args []string) []string {
	var answer []struct {
		Name     string `json:"name"`
		Location place  `json:"location"`
	}
	if err := e.call("workspace/symbol", map[string]any{"query": args[0]}, &answer); err != nil {
		return refused(err)
	}
	var out []string
	for _, s := range answer {
		out = append(out, s.Name+"  "+shownPlace(s.Location))
	}
	return some(out, "nothing")
}

// format lays a text out, and shows the edits that do it.
func (e *editor) format(args []string) []string {
	params := e.document(args[0])
	params["options"] = map[string]any{"tabSize": 2, "insertSpaces": true}
	var answer []struct {
		Range   span   `json:"range"`
		NewText string `json:"newText"`
	}
	if err := e.call("textDocument/formatting", params, &answer); err != nil {
		return refused(err)
	}
	var out []string
	for _, c := range slices.Backward(answer) {
		out = append(out, fmt.Sprintf("%s %q", shownSpan(c.Range), c.NewText))
		e.replace(args[0], c.Range, c.NewText)
	}
	return some(out, "nothing to change")
}

type offered struct {
	Title       string        `json:"title"`
	Kind        string        `json:"kind"`
	IsPreferred bool          `json:"isPreferred"`
	Edit        workspaceEdit `json:"edit"`
}

func (e *editor) offers(mark string, only ...string) []offered {
	file, where := e.at(mark)
	var answer []offered
	err := e.call("textDocument/codeAction", map[string]any{
		"textDocument": map[string]any{"uri": e.uri(file)}, "range": span{where, where}, "context": map[string]any{"diagnostics": []any{}, "only": only},
	}, &answer)
	if err != nil {
		e.t.Fatal(err)
	}
	return answer
}

func (e *editor) actions(args []string) []string {
	var out []string
	for _, a := range append(e.offers(args[0]), e.offers(args[0], "source.fixAll")...) {
		line := a.Title
		if a.Kind != "" {
			line += " (" + a.Kind + ")"
		}
		out = append(append(out, line), shownEdit(a.Edit)...)
	}
	return some(out, "nothing")
}

// apply takes an action, and shows the texts' lines that it has changed.
func (e *editor) apply(args []string) []string {
	for _, a := range e.offers(args[0]) {
		if a.Title != args[1] {
			continue
		}
		for uri, changes := range a.Edit.Changes {
			file := strings.TrimPrefix(uri, uriPrefix(e.root))
			for _, c := range slices.Backward(changes) {
				e.replace(file, c.Range, c.NewText)
			}
		}
		return shownEdit(a.Edit)
	}
	return []string{"not offered"}
}

func (e *editor) explain(args []string) []string {
	argument, err := json.Marshal(args[0])
	if err != nil {
		e.t.Fatal(err)
	}
	if err := e.call("workspace/executeCommand", map[string]any{"command": "gatehouse.explain", "arguments": []json.RawMessage{argument}}, nil); err != nil {
		return refused(err)
	}
	select {
	case <-e.news:
	case <-time.After(30 * time.Second):
		e.t.Fatal("nothing is shown")
	}
	return e.heard()
}

func (e *editor) request(args []string) []string {
	var answer json.RawMessage
	if err := e.call(args[0], json.RawMessage(args[1]), &answer); err != nil {
		return refused(err)
	}
	return []string{string(answer)}
}

func (e *editor) notify(args []string) []string {
	e.tell(args[0], json.RawMessage(args[1]))
	return nil
}

// exit says exit, and shows the program's exit code.
func (e *editor) exit([]string) []string {
	e.tell("exit", nil)
	err := e.process.Wait()
	code := 0
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		code = failed.ExitCode()
	} else if err != nil {
		e.t.Fatal(err)
	}
	return []string{fmt.Sprintf("exit code %d", code)}
}
