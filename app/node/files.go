package node

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"net/url"
	"strconv"
	"strings"

	"jishan/app/activity"
	"jishan/app/fault"
	"jishan/app/people"
	"jishan/app/sheet"
	"jishan/app/zone"
	"jishan/p2p/pair"
)

// File is something to save: its file name, its media type, its content.
type File struct {
	Name, Type string
	Body       io.Reader
}

const excelType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// File makes one of the files of api.ts. Fault: file.unknown.
func (n *Node) File(ctx context.Context, name string, q url.Values) (*File, error) {
	if err := n.admits("file." + name); err != nil {
		return nil, n.told(err)
	}
	f, err := n.file(ctx, name, q)
	return f, n.told(err)
}

func (n *Node) file(ctx context.Context, name string, q url.Values) (*File, error) {
	c, err := n.here()
	if err != nil {
		return nil, err
	}
	if name == "bundle" {
		return c.bundleFile(ctx, q.Get("to"))
	}
	if name == "backup" {
		return c.backupFile(ctx)
	}
	if d, ok := c.self(); !ok || !d.Role.Staff() {
		return nil, fault.New("app.role")
	}
	switch name {
	case "ticket.txt":
		return ticketFile(c.node.localCopy().Settings.Lang, q.Get("text"), c.node.now())
	case "people.xlsx":
		return c.peopleFile(ctx, people.Ask{Q: q.Get("q"), Grid: q.Get("grid")})
	case "person.html":
		return c.personFile(ctx, q.Get("id"))
	case "audit.xlsx":
		return c.auditFile(ctx, q)
	case "month.xlsx":
		return c.monthFile(ctx, q.Get("month"))
	case "activity.xlsx":
		return c.activityFile(ctx, q.Get("id"))
	case "settle.xlsx":
		return c.bankFile(ctx, q.Get("reference"), q.Get("without"))
	case "letter":
		return c.letterFile(ctx, q.Get("to"))
	case "introduction.txt":
		return c.introductionFile()
	case "netting.xlsx":
		return c.nettingFile(ctx, q.Get("with"))
	case "credit-check.html":
		return c.creditFile(ctx)
	case "report":
		return c.reportFile(ctx)
	case "statistics.xlsx":
		return c.spanFile(ctx, monthsRequest{q.Get("from"), q.Get("to")})
	case "reports.xlsx":
		return c.tableFile(ctx, monthsRequest{q.Get("from"), q.Get("to")})
	case "hours.xlsx":
		batch, _ := strconv.ParseInt(q.Get("batch"), 10, 64) // 0 is refused as unknown
		return c.hoursFile(ctx, q.Get("platform"), batch)
	case "fund.xlsx":
		return c.fundFile(ctx, q.Get("year"))
	case "orders.xlsx":
		return c.performanceFile(ctx, spanRequest{q.Get("from"), q.Get("to")})
	case "appraisal.xlsx":
		return c.appraisalFile(ctx, spanRequest{q.Get("from"), q.Get("to")})
	case "fork.proof":
		return c.forkProof(ctx, q.Get("id"))
	case "scheme.xlsx":
		version, err := strconv.ParseInt(cmp.Or(q.Get("version"), "0"), 10, 64)
		if err != nil {
			return nil, fault.New("scheme.version.unknown", "version", q.Get("version"))
		}
		return c.schemeFile(ctx, version)
	case "rulebook":
		return c.rulebookFile(ctx, q.Get("open"))
	case "scheme-errors.xlsx":
		return c.schemeErrorsFile(q.Get("token"))
	case "assess.xlsx":
		return c.scoreFile(ctx, q.Get("id"))
	case "assess-errors.xlsx":
		return c.scoreErrorsFile(q.Get("token"))
	case "roster-errors.xlsx":
		return c.rosterFile(q.Get("token"))
	}
	return nil, fault.New("file.unknown", "name", clip(name, 40))
}

// ticketFile is a ticket's text to be carried on a stick, for the joining
// computer to open. Faults: ticket.bad, ticket.expired, ticket.newer.
func ticketFile(lang, text string, now int64) (*File, error) {
	t, err := pair.ParseTicket(text, now)
	if err != nil {
		return nil, ticketFault(err)
	}
	return &File{Name: sheet.FileName(lang, sheet.TakenTicket, t.Name) + ".txt", Type: "text/plain; charset=utf-8", Body: strings.NewReader(t.String() + "\r\n")}, nil
}

// workbook makes an Excel file by a writer of package sheet.
func workbook(name string, write func(io.Writer) error) (*File, error) {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return nil, err
	}
	return &File{Name: name + ".xlsx", Type: excelType, Body: &b}, nil
}

// fileName is the name of a saved file in the screens' language.
func (c *community) fileName(kind sheet.Taken, parts ...string) string {
	return sheet.FileName(c.node.localCopy().Settings.Lang, kind, parts...)
}

func (c *community) stamp() string {
	return zone.In(c.node.now()).Format("20060102")
}

func (c *community) peopleFile(ctx context.Context, a people.Ask) (*File, error) {
	page, err := c.people.All(ctx, a)
	if err != nil {
		return nil, err
	}
	return workbook(c.fileName(sheet.TakenPeople, c.stamp()), func(w io.Writer) error { return sheet.People(w, c.charter.Settings().Name, page.Rows) })
}

func (c *community) monthFile(ctx context.Context, month string) (*File, error) {
	m, err := c.month(ctx, monthRequest{Month: month})
	if err != nil {
		return nil, err
	}
	start, end, _, err := activity.MonthBounds(m.Month)
	if err != nil {
		return nil, err
	}
	list, err := c.listActivities(ctx, listRequest{Limit: maxPage, From: start, To: end})
	if err != nil {
		return nil, err
	}
	return workbook(c.fileName(sheet.TakenMonth, m.Month), func(w io.Writer) error { return sheet.Month(w, c.charter.Settings().Name, m, list.Rows) })
}

func (c *community) activityFile(ctx context.Context, id string) (*File, error) {
	a, err := c.getActivity(ctx, id)
	if err != nil {
		return nil, err
	}
	return workbook(c.fileName(sheet.TakenActivity, a.Title), func(w io.Writer) error { return sheet.Attendance(w, a) })
}

func (c *community) rosterFile(token string) (*File, error) {
	if token == "" {
		return workbook(c.fileName(sheet.TakenRoster), sheet.RosterTemplate)
	}
	p, err := c.people.Roster(token)
	if err != nil {
		return nil, err
	}
	return workbook(c.fileName(sheet.TakenErrors), func(w io.Writer) error { return sheet.RosterErrors(w, p) })
}

// bundleFile makes an encrypted file for one device.
func (c *community) bundleFile(ctx context.Context, to string) (*File, error) {
	pub, err := parseDevice(to)
	if err != nil {
		return nil, err
	}
	d, _ := c.charter.Device(pub)
	return c.onDisk(c.fileName(sheet.TakenBundle, d.Name, c.stamp())+bundleSuffix, func(w io.Writer) error {
		_, err := c.writeBundle(ctx, pub, w)
		return err
	})
}

// backupFile makes a backup that is saved elsewhere.
func (c *community) backupFile(ctx context.Context) (*File, error) {
	if err := c.roomFor(c.node.cfg.Data); err != nil {
		return nil, err
	}
	c.backupMu.Lock()
	defer c.backupMu.Unlock()
	return c.onDisk(c.backupName(), func(w io.Writer) error { return c.writeBackup(ctx, w) })
}

// onDisk makes an encrypted file on disk, so that a large one does not live in
// memory; it is gone once it was read.
func (c *community) onDisk(name string, write func(io.Writer) error) (*File, error) {
	f, err := c.scratch()
	if err != nil {
		return nil, err
	}
	err = write(f)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return &File{Name: name, Type: "application/octet-stream", Body: f}, nil
}
