package store

import (
	"cmp"
	"slices"
)

// Fields returns the conflict set of a key of a records document, shown value
// first; none if the key has no value.
func (tx *Tx) Fields(doc DocID, key string) ([]Field, error) {
	d, err := tx.document(doc, false)
	if d == nil || err != nil {
		return nil, err
	}
	return tx.fields(d, key)
}

// fields is what is shown of a key.
func (tx *Tx) fields(d *document, key string) ([]Field, error) {
	if d.masked > 0 {
		if list, ok, err := unmasked(tx, d.n, key); ok || err != nil {
			sortShown(list)
			return list, err
		}
	}
	return tx.registers(d, key)
}

// registers is what nobody has replaced, masked or not.
func (tx *Tx) registers(d *document, key string) ([]Field, error) {
	rows, err := tx.c.Query("SELECT counter, actor, kind, num, raw FROM register WHERE doc = ? AND key = ?", d.n, key)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Field
	for rows.Next() {
		var f Field
		var actor int64
		if err := rows.Scan(&f.Op.Counter, &actor, &f.Value.Kind, &f.Value.Num, &f.Value.Raw); err != nil {
			return nil, err
		}
		if f.Op.Actor, err = tx.actorID(actor); err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	sortShown(list)
	return list, rows.Err()
}

// Fields is Tx.Fields for readers.
func Fields(q Querier, doc DocID, key string) ([]Field, error) {
	n, keys, err := maskedKeys(q, doc)
	if err == nil && slices.Contains(keys, key) {
		list, _, err := unmasked(q, n, key)
		sortShown(list)
		return list, err
	}
	if err != nil {
		return nil, err
	}
	var list []Field
	err = eachField(q, "AND r.key = ?", []any{string(doc), key}, func(_ string, f Field) { list = append(list, f) })
	sortShown(list)
	return list, err
}

// Register is one key of a records document with its conflict set.
type Register struct {
	Key    string
	Fields []Field // shown value first
}

// Registers returns all keys of a records document, ascending, as they are shown.
func Registers(q Querier, doc DocID) ([]Register, error) {
	list, err := rawRegisters(q, doc)
	if err != nil {
		return nil, err
	}
	n, keys, err := maskedKeys(q, doc)
	for _, key := range keys {
		fields, _, err := unmasked(q, n, key)
		if err != nil {
			return nil, err
		}
		sortShown(fields)
		at, found := slices.BinarySearchFunc(list, key, func(r Register, key string) int { return cmp.Compare(r.Key, key) })
		switch {
		case found && len(fields) == 0:
			list = slices.Delete(list, at, at+1)
		case found:
			list[at].Fields = fields
		case len(fields) > 0:
			list = slices.Insert(list, at, Register{key, fields})
		}
	}
	return list, err
}

// rawRegisters is what Automerge shows: masked changes count.
func rawRegisters(q Querier, doc DocID) ([]Register, error) {
	var list []Register
	err := eachField(q, "ORDER BY r.key", []any{string(doc)}, func(key string, f Field) {
		if len(list) == 0 || list[len(list)-1].Key != key {
			list = append(list, Register{Key: key})
		}
		last := &list[len(list)-1]
		last.Fields = append(last.Fields, f)
	})
	for _, r := range list {
		sortShown(r.Fields)
	}
	return list, err
}

func eachField(q Querier, rest string, args []any, fn func(string, Field)) error {
	rows, err := q.Query(`SELECT r.key, r.counter, a.id, r.kind, r.num, r.raw FROM register r JOIN actor a ON a.n = r.actor
		WHERE r.doc = (SELECT n FROM doc WHERE id = ?) `+rest, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key string
		var f Field
		var actor []byte
		if err := rows.Scan(&key, &f.Op.Counter, &actor, &f.Value.Kind, &f.Value.Num, &f.Value.Raw); err != nil {
			return err
		}
		if f.Op.Actor, _, err = splitActor(actor); err != nil {
			return err
		}
		fn(key, f)
	}
	return rows.Err()
}

func sortShown(list []Field) {
	slices.SortFunc(list, func(a, b Field) int {
		// Two histories of one author may bear one id: any order that is the
		// same everywhere will do.
		return cmp.Or(b.Op.Compare(a.Op), cmp.Compare(b.Value.Kind, a.Value.Kind), cmp.Compare(b.Value.Num, a.Value.Num), cmp.Compare(b.Value.Raw, a.Value.Raw))
	})
}
