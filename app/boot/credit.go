package boot

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"jishan/app/credit"
	"jishan/app/terminal"
	"jishan/app/zone"
)

// runCredit checks a credit certificate with the page that a community gave to the
// bank. It needs no data folder and no network: everything that it goes by is in
// the page.
func runCredit(_ context.Context, s streams, args []string) int {
	f := newFlags(s, "credit")
	rest, code := f.parse(args, 2, 2)
	if code >= 0 {
		return code
	}
	b, err := os.ReadFile(rest[0])
	if err != nil {
		return f.failed(err)
	}
	kit, err := credit.ReadKit(b)
	if err != nil {
		return f.failed(err)
	}
	c, err := kit.Check(rest[1], time.Now().UnixMilli())
	if err != nil {
		return f.failed(err)
	}
	if code := f.print(c, func(w io.Writer) { tellCredit(w, kit, c) }); code != exitOK {
		return code
	}
	if c.State != credit.InForce {
		return exitFailed // proven, and no longer good
	}
	return exitOK
}

func tellCredit(w io.Writer, kit credit.Kit, c credit.Checked) {
	states := map[string]string{credit.InForce: "in force", credit.Replaced: "void: there is a later version", credit.Withdrawn: "void: consent was withdrawn", credit.Expired: "expired", credit.Ended: "void: assessed anew without an amount"}
	fmt.Fprintf(w, "%s, as far as %s told on %s\n", states[c.State], terminal.Line(kit.Name), zone.Day(kit.Made))
	fmt.Fprintf(w, "name     %s, last four of the ID number %s\n", terminal.Line(c.Name), terminal.Line(c.IDTail))
	fmt.Fprintf(w, "amount   CNY %d, suggested for %d points\n", c.Amount, c.Points)
	fmt.Fprintf(w, "number   %s, version %d, made %s, until %s\n", c.Number, c.Version, zone.Day(c.Made), zone.Day(c.Until))
	fmt.Fprintf(w, "issued   by %s, %s\n", terminal.Line(c.Place), terminal.Line(c.By))
}
