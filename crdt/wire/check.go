package wire

import "unicode/utf8"

// fewOps is the number of operations up to which comparing all keys with each
// other is faster than a map.
const fewOps = 12

// check says what makes a change one that no device may write or read.
func (c *Change) check() error {
	switch {
	case c.Seq == 0 || c.StartOp == 0:
		return refuse(ErrMalformed, "sequence number or start counter is zero")
	case c.Seq > MaxCounter || c.StartOp > MaxCounter-MaxOps:
		return refuse(ErrTooLarge, "sequence number or start counter")
	case len(c.Message) > MaxMessage:
		return refuse(ErrTooLarge, "message")
	case !utf8.ValidString(c.Message):
		return refuse(ErrMalformed, "message is not UTF-8")
	case len(c.Deps) > MaxDeps:
		return refuse(ErrTooLarge, "dependencies")
	case !ascending(c.Deps):
		return refuse(ErrCanonical, "dependencies are not ascending")
	}
	return c.checkOps()
}

func (c *Change) checkOps() error {
	if len(c.Ops) == 0 {
		return refuse(ErrShape, "no operations")
	}
	if len(c.Ops) > MaxOps {
		return refuse(ErrTooLarge, "operations")
	}
	preds := 0
	for i := range c.Ops {
		op := &c.Ops[i]
		if err := op.check(c.StartOp); err != nil {
			return err
		}
		preds += len(op.Pred)
	}
	if preds > MaxPreds {
		return refuse(ErrTooLarge, "predecessors")
	}
	if repeatedKey(c.Ops) {
		return refuse(ErrShape, "two operations on one key")
	}
	return nil
}

// check looks at one operation of a change that starts at counter start.
func (op *Op) check(start uint64) error {
	switch {
	case op.Key == "":
		return refuse(ErrShape, "an empty key")
	case len(op.Key) > MaxKey:
		return refuse(ErrTooLarge, "key")
	case !utf8.ValidString(op.Key):
		return refuse(ErrMalformed, "key is not UTF-8")
	case op.Delete && len(op.Pred) == 0:
		// Automerge keeps a delete only as a mark on what it deletes: this one
		// would be lost on saving, and the saved file then not load.
		return refuse(ErrShape, "a delete of nothing")
	case !ascending(op.Pred):
		return refuse(ErrCanonical, "predecessors are not ascending")
	}
	if n := len(op.Pred); n > 0 && (op.Pred[0].Counter == 0 || op.Pred[n-1].Counter >= start) {
		return refuse(ErrShape, "a predecessor that the author can't have seen")
	}
	if op.Delete {
		return nil
	}
	return op.Value.check()
}

// check refuses values that Decode would not return the same.
func (v Value) check() error {
	number, raw := v.Num != 0, v.Raw != ""
	switch v.Kind {
	case Null, False, True:
		if number || raw {
			return refuse(ErrShape, "a value with fields its type has not")
		}
	case Uint, Int, Timestamp:
		if raw {
			return refuse(ErrShape, "a value with fields its type has not")
		}
		if v.Kind == Uint && v.Num < 0 {
			return refuse(ErrTooLarge, "unsigned value")
		}
	case String, Bytes:
		return v.checkRaw(number)
	default:
		return refuse(ErrShape, "a value type that our shape has not")
	}
	return nil
}

func (v Value) checkRaw(number bool) error {
	switch {
	case number:
		return refuse(ErrShape, "a value with fields its type has not")
	case len(v.Raw) > MaxValue:
		return refuse(ErrTooLarge, "value")
	case v.Kind == String && !utf8.ValidString(v.Raw):
		return refuse(ErrMalformed, "text is not UTF-8")
	}
	return nil
}

func repeatedKey(ops []Op) bool {
	if len(ops) <= fewOps {
		for i := range ops {
			for j := range i {
				if ops[i].Key == ops[j].Key {
					return true
				}
			}
		}
		return false
	}
	seen := make(map[string]struct{}, len(ops))
	for i := range ops {
		seen[ops[i].Key] = struct{}{}
	}
	return len(seen) < len(ops)
}
