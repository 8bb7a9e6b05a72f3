package demo

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// startLimit bounds how long a device may take from its start until it
// answers; a slow disk needs about two seconds.
const startLimit = 60 * time.Second

// process is one device: a real process of this binary with its own folder.
type process struct {
	name, dir string
	program   string
	http, p2p string // listening addresses; fixed after the first start
	link      string // opens its screens in a visitor's browser
	code      string // opens them in another one
	session   string // of this process here
	phone     string // where its phone pages are, or off
	cmd       *exec.Cmd
	client    *http.Client
}

func newProcess(program, dir, name string) *process {
	return &process{name: name, dir: filepath.Join(dir, name), program: program,
		http: "127.0.0.1:0", p2p: "127.0.0.1:0", phone: "off", client: &http.Client{Timeout: 60 * time.Second}}
}

// ready is the line that `jishan serve --json` prints when it answers.
type ready struct {
	HTTP  string   `json:"http"`
	Link  string   `json:"link"`
	Code  string   `json:"code"`
	Phone string   `json:"phone"`
	P2P   []string `json:"p2p"`
}

// start runs the process and waits until it answers.
func (p *process) start(ctx context.Context, stderr io.Writer) error {
	p.cmd = exec.CommandContext(ctx, p.program, "serve", "--json", "--lan=off", "--data", p.dir, "--http", p.http, "--p2p", p.p2p, "--phone", p.phone)
	p.cmd.Stderr = stderr
	p.cmd.Env = append(os.Environ(), "JISHAN_DEMO=1")
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	said := make(chan ready, 1)
	go func() {
		defer close(said)
		s := bufio.NewScanner(out)
		for s.Scan() {
			var r ready
			if json.Unmarshal(s.Bytes(), &r) == nil && r.HTTP != "" {
				said <- r
				break
			}
		}
		_, _ = io.Copy(io.Discard, out) // keep the pipe empty; the process ends it
	}()
	select {
	case r, ok := <-said:
		if !ok {
			_ = p.cmd.Wait()
			return fmt.Errorf("%s ended before it answered", p.name)
		}
		p.http, p.link, p.code = r.HTTP, r.Link, r.Code
		return p.open(ctx)
	case <-time.After(startLimit):
		p.kill()
		return fmt.Errorf("%s did not answer within %v", p.name, startLimit)
	}
}

// open lets this process in by the code; the link is for a visitor.
func (p *process) open(ctx context.Context) error {
	p.session = "1" // there is none yet
	s, err := ask[struct{ Session string }](ctx, p, "open", object{"code": p.code})
	p.session = s.Session
	return err
}

// kill ends the process as a power cut would: with no chance to tidy up.
func (p *process) kill() {
	if p.cmd != nil && p.cmd.Process != nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	}
}

// stop ends the process in order.
func (p *process) stop() {
	if p.cmd == nil || p.cmd.Process == nil {
		return
	}
	_ = p.cmd.Process.Signal(os.Interrupt)
	done := make(chan struct{})
	go func() { _ = p.cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		_ = p.cmd.Process.Kill()
		<-done
	}
}

// refusal is a call that the device refused with a code.
type refusal struct {
	Call   string
	Code   string         `json:"code"`
	Params map[string]any `json:"params"`
}

func (r *refusal) Error() string { return fmt.Sprintf("%s: %s %v", r.Call, r.Code, r.Params) }

func refused(err error, code string) bool {
	r, ok := errors.AsType[*refusal](err)
	return ok && r.Code == code
}

// call asks the device as its own screen would.
func call[Res any](ctx context.Context, p *process, name string, params any) (Res, error) {
	return ask[Res](ctx, p, "call/"+name, params)
}

func ask[Res any](ctx context.Context, p *process, name string, params any) (Res, error) {
	var res Res
	body, err := json.Marshal(params)
	if err != nil {
		return res, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+p.http+"/api/"+name, bytes.NewReader(body))
	if err != nil {
		return res, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Jishan", p.session)
	rsp, err := p.client.Do(req)
	if err != nil {
		return res, fmt.Errorf("%s at %s: %w", name, p.name, err)
	}
	defer rsp.Body.Close()
	if rsp.StatusCode != http.StatusOK {
		r := &refusal{Call: p.name + " " + strings.TrimPrefix(name, "call/")}
		if err := json.NewDecoder(rsp.Body).Decode(r); err != nil {
			r.Code = rsp.Status
		}
		return res, r
	}
	if err := json.NewDecoder(rsp.Body).Decode(&res); err != nil {
		return res, fmt.Errorf("%s at %s: %w", name, p.name, err)
	}
	return res, nil
}

type object = map[string]any

// do is call for those whose reply does not matter.
func do(ctx context.Context, p *process, name string, params any) error {
	_, err := call[any](ctx, p, name, params)
	return err
}

// until asks again, every 50 ms, until the answer is yes or the limit is over.
func until(ctx context.Context, limit time.Duration, what string, ask func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var last error
	for {
		ok, err := ask()
		if err == nil && ok {
			return nil
		}
		if err != nil {
			last = err
		}
		select {
		case <-ctx.Done():
			if last != nil {
				return fmt.Errorf("%s: not within %v: %w", what, limit, last)
			}
			return fmt.Errorf("%s: not within %v", what, limit)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
