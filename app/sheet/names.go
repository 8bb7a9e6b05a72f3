package sheet

import "strings"

// Taken is a kind of file that somebody saves; [FileName] gives its name in the
// language of the screens. What stands inside a workbook is for the authorities
// and stays Chinese.
type Taken string

// The kinds of files.
const (
	TakenPeople      Taken = "people"
	TakenCredit      Taken = "credit-check"
	TakenMonth       Taken = "month"
	TakenActivity    Taken = "activity"
	TakenRoster      Taken = "roster"
	TakenErrors      Taken = "roster-errors"
	TakenPayments    Taken = "merchant-payments"
	TakenPerformance Taken = "orders"
	TakenTicket      Taken = "ticket"
	TakenBundle      Taken = "for"

	TakenLetter       Taken = "letter-to"
	TakenIntroduction Taken = "introduction"
	TakenNetting      Taken = "netting"

	TakenScheme       Taken = "rulebook"
	TakenSchemeErrors Taken = "rulebook-errors"
	TakenSchemeBlank  Taken = "rulebook-template"
	TakenSchemeSigned Taken = "rulebook-signed"
	TakenReport       Taken = "report"
	TakenReports      Taken = "reports"
	TakenSpan         Taken = "statistics"
	TakenHours        Taken = "service-hours"
	TakenPerson       Taken = "personal-data"
	TakenAudit        Taken = "audit"
	TakenFund         Taken = "money"
	TakenAppraisal    Taken = "appraisal"
	TakenScores       Taken = "assessment"
	TakenScoreErrors  Taken = "assessment-errors"
)

var takenWords = map[Taken]string{
	TakenPeople: "志愿者", TakenCredit: "授信证明核验", TakenMonth: "月报", TakenActivity: "活动", TakenRoster: "花名册", TakenErrors: "花名册-错误原因",
	TakenPayments: "商家结算付款", TakenPerformance: "服务单", TakenTicket: "加入凭条", TakenBundle: "给",
	TakenLetter: "信函-致", TakenIntroduction: "社区介绍", TakenNetting: "往来结算",
	TakenScheme: "积分细则", TakenSchemeErrors: "积分细则-错误原因", TakenSchemeBlank: "积分细则-模板", TakenSchemeSigned: "积分细则-下发",
	TakenReport: "上报", TakenReports: "上报汇总", TakenSpan: "统计", TakenHours: "服务时长", TakenPerson: "个人资料", TakenAudit: "操作记录", TakenFund: "资金",
	TakenAppraisal: "考核表", TakenScores: "评议", TakenScoreErrors: "评议-错误原因",
}

// FileName joins the kind's word and the parts by hyphens; lang is zh or en.
func FileName(lang string, kind Taken, parts ...string) string {
	word := string(kind)
	if lang != "en" {
		word = takenWords[kind]
	}
	return strings.Join(append([]string{word}, parts...), "-")
}
