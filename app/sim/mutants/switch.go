package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// One build for many bugs: a patch that changes the bodies of functions and
// nothing else is planted as a second function beside the first, which is chosen
// when the program starts, by the name of the bug in its environment. A build
// costs more than most searches.

// chosen is the environment's variable that names the bug.
const chosen = "JISHAN_MUTANT"

// variant is a function as a bug has it.
type variant struct{ bug, decl string }

// switches collects what stands beside which function: by file, by the function's
// first line.
type switches struct {
	dir  string
	plan map[string]map[string][]variant
}

// plant adds a bug; false if its patch changes more than bodies of functions.
func (s *switches) plant(name string, b bug) (bool, error) {
	files := patched(b.patch)
	before, err := readAll(s.dir, files)
	if err != nil {
		return false, err
	}
	if err := apply(s.dir, b.patch); err != nil {
		return false, fmt.Errorf("the patch does not fit: %w", err)
	}
	after, err := readAll(s.dir, files)
	if err != nil {
		return false, err
	}
	if err := apply(s.dir, b.patch, "--reverse"); err != nil {
		return false, err
	}
	found := map[string]map[string]string{}
	for _, f := range files {
		changed, only, err := changedFuncs(before[f], after[f])
		if err != nil || !only {
			return false, err
		}
		found[f] = changed
	}
	for f, changed := range found {
		if s.plan[f] == nil {
			s.plan[f] = map[string][]variant{}
		}
		for head, decl := range changed {
			s.plan[f][head] = append(s.plan[f][head], variant{name, decl})
		}
	}
	return true, nil
}

// patched lists the files that a patch changes.
func patched(patch []byte) (files []string) {
	for line := range strings.Lines(string(patch)) {
		if f, ok := strings.CutPrefix(strings.TrimSpace(line), "+++ b/"); ok {
			files = append(files, f)
		}
	}
	return files
}

func readAll(dir string, files []string) (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f))
		if err != nil {
			return nil, err
		}
		out[f] = b
	}
	return out, nil
}

// funcsOf returns a file's functions by their first line, and the rest of it.
func funcsOf(src []byte) (funcs map[string]string, rest string, err error) {
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, "", src, parser.ParseComments)
	if err != nil {
		return nil, "", err
	}
	funcs = map[string]string{}
	last := 0
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		from, to := set.Position(fn.Pos()).Offset, set.Position(fn.End()).Offset
		text := string(src[from:to])
		funcs[text[:set.Position(fn.Body.Lbrace).Offset-from]] = text
		rest += string(src[last:from])
		last = to
	}
	return funcs, rest + string(src[last:]), nil
}

// changedFuncs lists the functions whose bodies differ; only tells whether
// nothing else does.
func changedFuncs(before, after []byte) (changed map[string]string, only bool, err error) {
	was, rest, err := funcsOf(before)
	if err != nil {
		return nil, false, err
	}
	is, more, err := funcsOf(after)
	if err != nil || rest != more || len(was) != len(is) {
		return nil, false, err
	}
	changed = map[string]string{}
	for head, text := range is {
		old, ok := was[head]
		if !ok {
			return nil, false, nil
		}
		if old != text {
			changed[head] = text
		}
	}
	return changed, true, nil
}

// write puts all variants into the tree.
func (s *switches) write() error {
	dirs := map[string]string{}
	for f, funcs := range s.plan {
		path := filepath.Join(s.dir, f)
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var more bytes.Buffer
		for _, head := range slices.Sorted(maps.Keys(funcs)) {
			calls := ""
			for _, v := range funcs[head] {
				call, decl, err := v.beside(head)
				if err != nil {
					return fmt.Errorf("%s: %w", f, err)
				}
				calls += call
				more.WriteString("\n" + decl + "\n")
			}
			src = bytes.Replace(src, []byte(head+"{"), []byte(head+"{\n"+calls), 1)
		}
		out, err := format.Source(append(src, more.Bytes()...))
		if err != nil {
			return fmt.Errorf("%s: %w", f, err)
		}
		if err := os.WriteFile(path, out, 0o600); err != nil {
			return err
		}
		clause, err := parser.ParseFile(token.NewFileSet(), "", out, parser.PackageClauseOnly)
		if err != nil {
			return err
		}
		dirs[filepath.Dir(path)] = clause.Name.Name
	}
	for dir, name := range dirs {
		text := fmt.Sprintf("package %s\n\nimport \"os\"\n\nvar plantedBug = os.Getenv(%q)\n", name, chosen)
		if err := os.WriteFile(filepath.Join(dir, "planted.go"), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// beside returns the variant under a name of its own, and the lines that call it
// when its bug is chosen.
func (v variant) beside(head string) (call, decl string, err error) {
	f, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+head+"{}", 0)
	if err != nil {
		return "", "", err
	}
	fn, ok := f.Decls[0].(*ast.FuncDecl)
	if !ok {
		return "", "", fmt.Errorf("no function: %s", head)
	}
	name := fn.Name.Name + "_" + strings.ReplaceAll(v.bug, "-", "_")
	var args []string
	for _, p := range fn.Type.Params.List {
		for _, n := range p.Names {
			if n.Name == "_" {
				return "", "", fmt.Errorf("a parameter without a name: %s", head)
			}
			if _, many := p.Type.(*ast.Ellipsis); many {
				n.Name += "..."
			}
			args = append(args, n.Name)
		}
	}
	call = name + "(" + strings.Join(args, ", ") + ")"
	if fn.Recv != nil {
		call = fn.Recv.List[0].Names[0].Name + "." + call
	}
	if fn.Type.Results != nil {
		call = "return " + call
	} else {
		call += "\nreturn"
	}
	call = fmt.Sprintf("if plantedBug == %q {\n%s\n}\n", v.bug, call)
	at := strings.Index(v.decl, " "+fn.Name.Name+"(") + 1
	return call, v.decl[:at] + name + v.decl[at+len(fn.Name.Name):], nil
}
