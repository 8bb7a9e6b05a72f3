package boot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"jishan/app/desktop"
	"jishan/app/fault"
	"jishan/app/terminal"
	"jishan/crdt/engine"
	"jishan/crdt/store"
)

// sentences say what went wrong to whoever sits at a terminal. {x} is the
// fault's parameter x. Screens have their own, in two languages.
var sentences = map[string]string{
	"internal":                "something went wrong inside; the log in the data folder says where",
	"call.unknown":            "this program does not know the call {name}",
	"call.params":             "the request is not as it should be ({field})",
	"data.newer":              "the data folder was written by a newer version of the program ({found}): install the newer program",
	"data.settings":           "{file} in the data folder can't be read: move it away to start with fresh settings",
	"data.damaged":            "{file} is damaged: keep the folder as it is, and join again with a new one; the other devices hold the data",
	"data.lost":               "{file} is gone from the data folder, or empty: put it back, or rename the folder and join again with a new one; the other devices hold the data",
	"data.foreign":            "{file} in the data folder belongs to another community and was not opened: put the right file back",
	"data.swapped":            "{file} in the data folder is another device's and was not opened: put the right file back",
	"device.refused":          "this device wrote an entry that the others do not accept: it writes nothing more until the office has decided",
	"device.copied":           "the data of this machine was copied to another one: only one of them can stay, and this one writes nothing more until the office has decided",
	"device.closed":           "what this device wrote so far was closed a moment ago, and it begins anew: nothing was written; try again in some seconds",
	"data.inUse":              "another process works in this data folder: close that one first, or name another folder with --data",
	"data.full":               "the disk is full: nothing that was acknowledged is lost, but nothing more is written until there is room and the program is started again",
	"data.restored":           "the data folder is older than what this device wrote last: it goes on as another writer; try again",
	"data.stopped":            "the disk failed: nothing that was acknowledged is lost, but nothing more is written until the program is started again",
	"app.phase":               "this data folder belongs to no community yet",
	"app.renewing":            "the program opens the community again: try again in a few seconds; if it stays so, start it again",
	"file.unknown":            "there is no file {name}",
	"app.locked":              "operators open this device with their PINs: do it on its screen, not at a terminal",
	"bundle.bad":              "that is no bundle",
	"bundle.broken":           "the device that made the bundle does not keep to the rules; the rest of it was not taken in",
	"bundle.community":        "the bundle belongs to another community",
	"bundle.damaged":          "the bundle is damaged or cut off: get it again",
	"bundle.forged":           "the bundle is not signed by the device that it names; nothing of it was taken in",
	"bundle.large":            "that is larger than any bundle may be",
	"bundle.lost":             "the pieces of the bundle did not come one after the other: begin again",
	"bundle.newer":            "the bundle was written by a newer version of the program",
	"bundle.old":              "the bundle was made by an older version of the program, which did not sign: update that device and make a new one",
	"bundle.recipient":        "the bundle is meant for another device",
	"bundle.revoked":          "{name}, which made the bundle, may not talk to this device any more",
	"bundle.space":            "there is no room in the data folder for a copy of the bundle",
	"bundle.stranger":         "the bundle was made by a device that this community does not know",
	"stick.missing":           "there is no such folder",
	"stick.read":              "the bundle can't be read to its end",
	"stick.write":             "the stick can't be written",
	"devices.unknown":         "there is no such device; `jishan bundle export --to` takes the id that the screen Devices shows",
	"above.fingerprint":       "these are not the digits of that request: it may have been exchanged on the way; telephone again",
	"above.newer":             "that was written by a newer version of the program",
	"above.own":               "that is this community's own request",
	"above.request.bad":       "that is no request of a community, or a part of it is missing",
	"credit.bad":              "that is no credit certificate",
	"credit.cut":              "the certificate's text is cut off: scan it again",
	"credit.damaged":          "the certificate's text is damaged: scan it again",
	"credit.foreign":          "the certificate names another community, {place}: use that one's check page",
	"credit.forged":           "the signature is not right: this certificate is not genuine",
	"credit.kit":              "that is no check page of a community",
	"credit.newer":            "that was written by a newer version of the program",
	"credit.signer":           "the device that signed the certificate is not in the check page: ask the community for a new page",
	"backup.key":              "that recovery key does not open this backup: it was made when another one was in force, or for another community",
	"backup.damaged":          "that is no backup, or it is damaged",
	"backup.newer":            "the backup was written by a newer version of the program",
	"backup.failed":           "the backup could not be written; the ones before it are still there",
	"backup.space":            "there is too little room for a backup: {free} MB are free, {need} MB are needed",
	"setup.done":              "this data folder belongs to a community already: name another one with --data",
	"govern.recovery.length":  "the recovery key has {need} characters, and {have} were given",
	"govern.recovery.group":   "group {group} of the recovery key is not as it was printed",
	"govern.recovery.version": "the recovery key is of a newer version of the program",
	"people.unknown":          "there is no such person",
	"web.json":                "that is no JSON",
	"settings.bad":            "the setting {field} can't have that value",
}

// plain are the errors of the layers below that have a sentence.
var plain = []struct {
	err  error
	text string
}{
	{store.ErrInUse, "another process works in this data folder: close that one first, or name another folder with --data"},
	{store.ErrNewerFormat, "the data folder was written by a newer version of the program: install that one"},
	{store.ErrCorrupt, "the database is damaged: keep the folder as it is, and join again with a new one; the other devices hold the data"},
	{engine.ErrUnavailable, "this build has no automerge-go, the judge of documents (it needs cgo, on Linux or macOS): use a build that has it"},
	{engine.ErrTooLarge, "the document is too large to be judged at once"},
	{context.Canceled, "stopped"},
	{context.DeadlineExceeded, "it took too long and was given up, nothing was changed: try again when the machine has less to do"},
}

// sentence puts an error into words.
func sentence(err error) string {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return faultWords(f)
	}
	for _, p := range plain {
		if errors.Is(err, p.err) {
			return p.text
		}
	}
	return terminal.Words(err)
}

func faultWords(f *fault.Fault) string {
	text, known := sentences[f.Code]
	if !known {
		return "refused: " + f.Error()
	}
	for _, k := range slices.Sorted(maps.Keys(f.Params)) {
		text = strings.ReplaceAll(text, "{"+k+"}", fmt.Sprint(f.Params[k]))
	}
	return text
}

func firstLine(s string) string {
	first, _, _ := strings.Cut(s, "\n")
	return first
}

// missing tells what this build lacks from what went wrong.
func missing(err error) bool {
	return errors.Is(err, engine.ErrUnavailable) || errors.Is(err, desktop.ErrNoWindow)
}
