package wire

import "bytes"

// Decode reads a whole chunk of type 1 strictly: what it accepts encodes again
// to the same bytes. The result shares no memory with the chunk; its keys share
// one string among each other, and so do its values.
// Errors: ErrTooLarge, ErrChecksum, ErrMalformed, ErrCanonical, ErrShape.
//
// Whether dependencies and predecessors exist, and whether the start counter
// follows from the dependencies, can't be seen here: that is for admission.
func Decode(chunk []byte) (*Change, Hash, error) {
	body, hash, err := open(chunk)
	if err != nil {
		return nil, Hash{}, err
	}
	c, err := parse(body)
	if err != nil {
		return nil, Hash{}, err
	}
	if err := c.check(); err != nil {
		return nil, Hash{}, err
	}
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	if !bytes.Equal(s.encode(c), body) {
		return nil, Hash{}, refuse(ErrCanonical, "encodes to other bytes")
	}
	return c, hash, nil
}

// parse reads the contents of a chunk. It is careful about memory and
// otherwise leaves judgement to check and to encoding again.
func parse(body []byte) (*Change, error) {
	r := reader{b: body}
	h := r.head()
	c := &Change{Actor: h.Actor, Seq: h.Seq, StartOp: h.StartOp, Time: h.Time, Message: h.Message, Deps: h.Deps}
	others := r.take(actorStride * r.count(MaxActors-1, "actors"))
	cols := r.columns()
	if r.err != nil {
		return nil, r.err
	}
	if err := c.readKeys(cols[atKey]); err != nil {
		return nil, err
	}
	if err := c.readValues(&cols); err != nil {
		return nil, err
	}
	return c, c.readPreds(&cols, others)
}

// readKeys makes one operation per key. As no key may come twice, the column
// is one literal run, and its size bounds the number of operations.
func (c *Change) readKeys(col []byte) error {
	r := reader{b: col, s: string(col)}
	n := -r.sleb()
	switch {
	case r.err != nil:
	case n <= 0:
		r.fail(ErrShape, "a key is repeated or missing")
	case n > MaxOps:
		r.fail(ErrTooLarge, "operations")
	case n > int64(r.left()):
		r.fail(ErrMalformed, "fewer keys than announced")
	}
	if r.err != nil {
		return r.err
	}
	c.Ops = make([]Op, n)
	for i := range c.Ops {
		c.Ops[i].Key = r.text(r.count(MaxKey, "key"))
	}
	if r.left() > 0 {
		r.fail(ErrCanonical, "keys in more than one run")
	}
	return r.err
}

// readValues reads actions and values, and checks that nothing is an insert.
func (c *Change) readValues(cols *columns) error {
	inserts := reader{b: cols[atInsert]}
	if inserts.uleb() != uint64(len(c.Ops)) || inserts.left() > 0 {
		return refuse(ErrShape, "an insert")
	}
	actions := openRLE(cols[atAction], false)
	metas := openRLE(cols[atValueMeta], false)
	values := reader{b: cols[atValue], s: string(cols[atValue])}
	for i := range c.Ops {
		op := &c.Ops[i]
		switch actions.next() {
		case actionSet:
		case actionDelete:
			op.Delete = true
		default:
			actions.fail(ErrShape, "an action other than set and delete")
		}
		op.Value = values.value(metas.next())
		if op.Delete && op.Value != (Value{}) {
			return refuse(ErrShape, "a delete with a value")
		}
	}
	if values.left() > 0 {
		values.fail(ErrMalformed, "more bytes than values")
	}
	return firstError(actions.end(), metas.end(), values.err)
}

// value reads the scalar that meta describes.
func (r *reader) value(meta uint64) Value {
	size := meta >> kindBits
	if size > MaxValue {
		r.fail(ErrTooLarge, "value")
		return Value{}
	}
	v, end := Value{Kind: Kind(meta & kindMask)}, r.i+int(size)
	switch v.Kind {
	case Null, False, True:
	case Uint:
		n := r.uleb()
		if v.Num = int64(n); v.Num < 0 {
			r.fail(ErrTooLarge, "unsigned value")
		}
	case Int, Timestamp:
		v.Num = r.sleb()
	case String, Bytes:
		v.Raw = r.text(int(size))
	default:
		r.fail(ErrShape, "a value type that our shape has not")
	}
	if r.i != end {
		r.fail(ErrMalformed, "a value of another size than announced")
	}
	return v
}

// readPreds reads the predecessors into one array that all operations share.
func (c *Change) readPreds(cols *columns, others []byte) error {
	counts := openRLE(cols[atPredCount], false)
	total := uint64(0)
	for range c.Ops {
		n := counts.next()
		if total += n; n > MaxPreds || total > MaxPreds {
			return refuse(ErrTooLarge, "predecessors")
		}
	}
	if err := counts.end(); err != nil {
		return err
	}
	preds, err := c.predList(int(total), cols, others)
	if err != nil || total == 0 {
		return err
	}
	counts = openRLE(cols[atPredCount], false)
	for i := range c.Ops {
		if n := counts.next(); n > 0 {
			c.Ops[i].Pred, preds = preds[:n:n], preds[n:]
		}
	}
	return nil
}

// predList reads n predecessors: actor numbers, and differences of counters.
func (c *Change) predList(n int, cols *columns, others []byte) ([]OpID, error) {
	actors := openRLE(cols[atPredActor], false)
	counters := openRLE(cols[atPredCounter], true)
	known := uint64(len(others)/actorStride) + 1
	counter := uint64(0)
	preds := make([]OpID, n)
	for i := range preds {
		counter += counters.next()
		preds[i] = OpID{Counter: counter, Actor: c.Actor}
		who := actors.next()
		if who >= known {
			return nil, refuse(ErrMalformed, "an actor that is not listed")
		}
		if who > 0 {
			preds[i].Actor = Actor(others[(int(who)-1)*actorStride+1:])
		}
	}
	return preds, firstError(actors.end(), counters.end())
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
