package node

import (
	"fmt"
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/app/govern"
)

// right is what a call takes of the person at the screen. What the device may do
// is another question, which comes after (staff, in).
type right uint8

const (
	forAll   right = iota // also on a locked screen: changes nothing of the community and shows what hangs on a wall
	forTill               // keepers of a till, and everybody below
	forDaily              // clerks and leads
	forLead               // leads
)

// has tells whether a role has the right. Witnesses have none: they sign.
func (r right) has(role govern.OperatorRole) bool {
	switch role {
	case govern.Lead:
		return true
	case govern.Clerk:
		return r <= forDaily
	case govern.Keeper:
		return r <= forTill
	}
	return r == forAll
}

// check is has as an error. Fault: operator.role{role, need}.
func (r right) check(role govern.OperatorRole) error {
	if r.has(role) {
		return nil
	}
	return fault.New("operator.role", "role", role.String(), "need", r.least().String())
}

// least is the least role that has the right.
func (r right) least() govern.OperatorRole {
	return [...]govern.OperatorRole{govern.Witness, govern.Keeper, govern.Clerk, govern.Lead}[r]
}

// rights says what each call takes; a call that is not here is daily work.
// docs/operators.md shows the same table.
var rights = map[string]right{
	"app.state": forAll, "session.list": forAll, "session.open": forAll, "session.lock": forAll, "session.touch": forAll, "session.change": forAll,
	"operators.begin": forAll, "operators.recover": forAll, "wall.get": forAll,

	"app.confirmClock": forTill, "card.rule": forTill, "devices.aside": forTill, "devices.asideSeen": forTill, "devices.list": forTill, "settings.save": forTill, "ledger.undo": forTill,
	"till.scan": forTill, "till.pull": forTill, "till.redeem": forTill, "till.reserve": forTill, "till.reservations": forTill,
	"till.endReservation": forTill, "till.today": forTill, "publicity.shown": forTill,
	"visits.list": forTill, "shop.offers": forTill, "shop.receive": forTill, "shop.count": forTill, "shop.stockMoves": forTill, "shop.save": forTill, "shop.photo": forTill, "shop.picture": forTill, "shop.about": forTill, "shop.saveAbout": forTill, "shop.terms": forTill, "shop.saveTerms": forTill, "bylaw.get": forTill,
	"voucher.return": forTill, "honour.person": forTill, "honour.pull": forTill, "honour.use": forTill, "honour.today": forTill, "honour.table": forTill, "credit.check": forTill,
	"job.list": forTill, "job.answer": forTill, "job.reply": forTill, "job.done": forTill,
	"settle.list": forTill, "settle.history": forTill, "settle.sheet": forTill,

	"operators.add": forDaily, "operators.list": forDaily,

	"operators.change": forLead, "operators.withdraw": forLead, "operators.answer": forLead, "operators.unlock": forLead, "operators.rule": forLead,
	"devices.ticket": forLead, "devices.meet": forLead, "devices.meeting": forLead, "devices.meetPick": forLead, "devices.meetCode": forLead, "devices.revoke": forLead, "devices.keep": forLead, "devices.goOn": forLead, "devices.soldSeen": forLead, "devices.count": forLead, "setup.anew": forLead, "backup.folder": forLead,
	"recovery.renew": forLead, "recovery.takeOver": forLead, "recovery.standIn": forLead, "devices.standby": forLead, "devices.certify": forLead, "above.name": forLead, "above.request": forLead, "above.appoint": forLead, "above.takeOver": forLead,
	"budget.set": forLead, "base.start": forLead, "base.stop": forLead, "year.grace": forLead, "year.cohorts": forLead, "year.close": forLead, "year.final": forLead,
	"people.views": forLead, "file.person.html": forLead, "audit.list": forLead, "file.audit.xlsx": forLead, "people.eraseLook": forLead, "people.erase": forLead, "people.erasures": forLead,
	"people.moveLook": forLead, "people.moveAway": forLead, "people.arrive": forLead,
	"partners.site": forLead, "partners.agree": forLead,
	"report.list": forLead, "report.drop": forLead, "hours.layout": forLead,
	"scheme.save": forLead, "scheme.restore": forLead, "scheme.adopt": forLead, "people.saveGrids": forLead, "file.rulebook": forLead, "lists.set": forLead, "ranking.set": forLead, "household.setRule": forLead, "newcomer.setRule": forLead, "assess.publish": forLead, "assess.answer": forLead, "assess.book": forLead, "assess.drop": forLead,
	"selection.begin": forLead, "selection.check": forLead, "selection.open": forLead, "selection.tally": forLead, "selection.publish": forLead, "selection.answer": forLead, "selection.decide": forLead, "selection.honour": forLead, "selection.drop": forLead,
	"claim.answer": forLead, "card.setRule": forLead, "bylaw.save": forLead, "limits.set": forLead, "settle.terms": forLead, "merchants.scope": forLead, "merchants.renew": forLead, "visits.join": forLead, "honour.save": forLead, "credit.setTable": forLead,
}

// rightsText is the table for docs/operators.md: what each role may call.
func rightsText() string {
	var b strings.Builder
	b.WriteString("| takes | calls |\n|---|---|\n")
	words := [...]string{"nobody signed in", "keeper, clerk, lead", "clerk, lead", "lead"}
	for r, who := range words {
		var calls []string
		for name, need := range rights {
			if int(need) == r {
				calls = append(calls, "`"+name+"`")
			}
		}
		slices.Sort(calls)
		if right(r) == forDaily {
			calls = append(calls, "and every call that is not named here")
		}
		fmt.Fprintf(&b, "| %s | %s |\n", who, strings.Join(calls, ", "))
	}
	return b.String()
}

func rightOf(call string) right {
	if r, ok := rights[call]; ok {
		return r
	}
	return forDaily
}
