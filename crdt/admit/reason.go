package admit

import (
	"errors"
	"net/url"
	"strings"
)

// A reason is kept as one line: a code and its parameters in brackets, then
// English. Screens have words of their own for the code; the English is for
// logs and for whoever reads the database.
//
//	[form kind=people] govern: 2000 operations in one change
//
// Codes and parameters are released: a code keeps its meaning.
const (
	reasonSeal        = "[seal] the seal is wrong"
	reasonUncovered   = "[uncovered] no seal covers it"
	reasonCertificate = "[certificate] its author's certificate is not here yet"
	reasonHead        = "[head] the governance entry it names is not here yet"
	reasonGap         = "[gap] the author's changes before it are not here yet"
	reasonDeps        = "[deps] changes it builds on are not here yet"
	reasonBehind      = "[behind] it follows a change that waits"
	reasonContext     = "[context] its message names no governance head"
	reasonBackwards   = "[backwards] its governance head is older than the one before"
	reasonEnded       = "[ended] the feed was ended by an invalid change"
	reasonRests       = "[rests] it rests on a refused change"
	reasonBranch      = "[branch] it rests on a branch of a fork"
	reasonFork        = "[fork] fork: its author wrote another change in its place"
	reasonWriter      = "[writer] the feed has another writer"
	reasonPart        = "[part] the feed part is full"
	reasonStart       = "[start] the start counter is wrong"
	reasonOwnPast     = "[ownPast] its author's previous change is not in its past"
	reasonFeedShape   = "[shape] it is no feed entry"
	reasonGhost       = "[ghost] a predecessor that does not exist"
	reasonOtherKey    = "[otherKey] a predecessor on another key"
	reasonNotSeen     = "[notSeen] a predecessor outside its past"
)

// The codes of what Rules or the decoder refused without a code of their own:
// they name the step.
const (
	codeDamaged   = "damaged"
	codeHead      = "head"
	codeAuthority = "authority"
	codeForm      = "form"
	codeSubject   = "subject"
)

// Codes are all codes that a refusal may carry, for those who keep the words.
func Codes() []string {
	codes := []string{codeDamaged, codeAuthority, codeForm, codeSubject}
	for _, r := range []string{
		reasonSeal, reasonUncovered, reasonCertificate, reasonHead, reasonGap, reasonDeps, reasonBehind, reasonContext, reasonBackwards, reasonEnded,
		reasonRests, reasonBranch, reasonFork, reasonWriter, reasonPart, reasonStart, reasonOwnPast, reasonFeedShape, reasonGhost, reasonOtherKey, reasonNotSeen,
	} {
		codes = append(codes, ParseReason(r).Code)
	}
	return codes
}

// becauseError is an error of Rules with a code for screens.
type becauseError struct {
	code string
	kv   []string
	err  error
}

func (b *becauseError) Error() string { return b.err.Error() }
func (b *becauseError) Unwrap() error { return b.err }

// Because adds to an error by which Rules refuse a change a code and
// parameters, given as key, value, key, value. The one nearest to the cause
// counts: an error that has a code keeps it. Nil stays nil, and what waits or
// gives the batch up still does.
func Because(err error, code string, kv ...string) error {
	if err == nil {
		return nil
	}
	if len(kv)%2 != 0 {
		panic("admit.Because: a key without its value")
	}
	if has := new(becauseError); errors.As(err, &has) {
		return err
	}
	return &becauseError{code, kv, err}
}

// reasonOf writes down why Rules refused; step is the code of those that have
// none.
func reasonOf(err error, step string) string {
	var b *becauseError
	if !errors.As(err, &b) {
		b = &becauseError{code: step}
	}
	var s strings.Builder
	s.WriteString("[" + b.code)
	for i := 0; i < len(b.kv); i += 2 {
		s.WriteString(" " + b.kv[i] + "=" + url.QueryEscape(b.kv[i+1]))
	}
	return s.String() + "] " + err.Error()
}

// Reason is a written reason taken apart. Code is empty for one that was
// written before there were codes.
type Reason struct {
	Code   string
	Params map[string]string
	Text   string // English, for logs
}

// ParseReason reads what stands in Verdict.Reason and in the store's rooms.
func ParseReason(s string) Reason {
	head, text, ok := strings.Cut(s, "] ")
	if !ok || !strings.HasPrefix(head, "[") {
		return Reason{Text: s}
	}
	words := strings.Split(head[1:], " ")
	r := Reason{Code: words[0], Text: text}
	for _, w := range words[1:] {
		key, escaped, _ := strings.Cut(w, "=")
		value, err := url.QueryUnescape(escaped)
		if err != nil {
			return Reason{Text: s}
		}
		if r.Params == nil {
			r.Params = map[string]string{}
		}
		r.Params[key] = value
	}
	return r
}
