package seal

import "strings"

// A person who opened his key by PIN stands in a change as name#id, with the id
// that the community's charter knows him by; anybody else by his name alone, as
// in all changes of older programs.
const (
	operatorMark   = "#"
	operatorIDSize = 8
)

// OperatorText joins a name and the id of the charter's operator.
func OperatorText(name, id string) string { return name + operatorMark + id }

// SplitOperator takes the text apart; the id is empty for a name alone.
func SplitOperator(text string) (name, id string) {
	i := len(text) - operatorIDSize - len(operatorMark)
	if i < 0 || text[i:i+len(operatorMark)] != operatorMark {
		return text, ""
	}
	id = text[i+len(operatorMark):]
	if strings.Trim(id, "0123456789abcdefghijklmnopqrstuv") != "" {
		return text, ""
	}
	return text[:i], id
}

// Name is the operator's name as screens show it.
func (c Context) Name() string {
	name, _ := SplitOperator(c.Operator)
	return name
}
