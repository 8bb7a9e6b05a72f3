package govern

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// A device that is away from the registrar adds an operator by itself: it asks
// for the certificate in the document operator, which every device writes and
// reads, one key for each request. The registrar's lead answers in the charter.

// OperatorDoc is the path of the requests' document.
const OperatorDoc = "operator"

const (
	requestPrefix  = "key/"
	requestSuffix  = "/request"
	maxRequest     = 1 << 10 // bytes
	requestVersion = 1
)

// OperatorRequest asks for an operator's key to be certified, and for the
// operator himself where the charter does not know him yet.
type OperatorRequest struct {
	_        struct{} `cbor:",toarray"`
	V        uint
	Operator OperatorID
	Name     string
	Role     OperatorRole
	Device   [32]byte
	Key      [32]byte
	Made     int64 // milliseconds UTC
	Proof    []byte
}

func requestKey(key [32]byte) string { return requestPrefix + IDText(key[:]) + requestSuffix }

func (r OperatorRequest) operatorKey() OperatorKey {
	return OperatorKey{Operator: r.Operator, Device: r.Device, Key: r.Key, Proof: r.Proof}
}

func (r OperatorRequest) check(community string) error {
	o := Operator{ID: r.Operator, Name: r.Name, Role: r.Role}
	if err := o.check(); err != nil {
		return err
	}
	if r.Made <= 0 || len(r.Proof) != 64 || !r.operatorKey().Proven(community) {
		return errors.New("govern: a request that its key did not sign")
	}
	return nil
}

// AskOperator writes a request.
func (c *Charter) AskOperator(tx *store.Tx, r OperatorRequest) error {
	r.V = requestVersion
	if err := r.check(c.community); err != nil {
		return err
	}
	raw, err := encMode.Marshal(r)
	if err != nil {
		return err
	}
	_, err = tx.Put(c.Doc(OperatorDoc), "operator.ask", store.Put{Key: requestKey(r.Key), Value: wire.BytesValue(raw)})
	return err
}

func (c *Charter) decodeRequest(raw string) (OperatorRequest, error) {
	var r OperatorRequest
	if len(raw) > maxRequest {
		return r, errors.New("govern: a request that is too long")
	}
	if err := decMode.Unmarshal([]byte(raw), &r); err != nil {
		return r, fmt.Errorf("govern: %w", err)
	}
	if again, err := encMode.Marshal(r); err != nil || r.V != requestVersion || !bytes.Equal(again, []byte(raw)) {
		return r, errors.New("govern: a request that is not in its one encoding")
	}
	return r, r.check(c.community)
}

// OperatorRequests lists what was asked for and not answered: by a device that
// is one of ours, for itself.
func (c *Charter) OperatorRequests(q store.Querier) ([]OperatorRequest, error) {
	list, err := store.Registers(q, c.Doc(OperatorDoc))
	if err != nil {
		return nil, err
	}
	var out []OperatorRequest
	for _, reg := range list {
		for _, f := range reg.Fields {
			r, err := c.decodeRequest(f.Value.Raw)
			if err != nil || requestKey(r.Key) != reg.Key {
				continue // of a newer program, or nonsense: nobody is certified by it
			}
			by, known, err := c.DeviceOf(q, f.Op.Actor)
			if err != nil {
				return nil, err
			}
			if _, state := c.OperatorKey(r.Operator, r.Device, r.Key); !known || by != r.Device || state != KeyUnknown {
				continue
			}
			if e, ok := c.Device(r.Device); ok && !e.Revoked {
				out = append(out, r)
			}
			break
		}
	}
	return out, nil
}

// requestForm keeps anything but requests out of the document.
func requestForm(ch *wire.Change) error {
	for _, op := range ch.Ops {
		key, ok := strings.CutPrefix(op.Key, requestPrefix)
		if key, ok2 := strings.CutSuffix(key, requestSuffix); !ok || !ok2 || len(key) != 52 {
			return fmt.Errorf("govern: %.80q is no key of a request", op.Key)
		}
		if op.Delete || op.Value.Kind != wire.Bytes || len(op.Value.Raw) > maxRequest {
			return fmt.Errorf("govern: a bad value of %.80q", op.Key)
		}
	}
	return nil
}

// AnswerOperator certifies what was asked for under the role that the lead gives,
// or refuses it. Faults: those of SetOperators.
func (c *Charter) AnswerOperator(tx *store.Tx, r OperatorRequest, role OperatorRole, yes bool) error {
	k := r.operatorKey()
	if !yes {
		k.Out = true
		return c.SetOperators(tx, "operator.refuse", k)
	}
	o, known := c.Operator(r.Operator)
	if !known {
		o = Operator{ID: r.Operator, Name: r.Name}
	}
	o.Role, o.Out = role, false
	return c.SetOperators(tx, "operator.certify", o, k)
}

// CertifyOperator adds an operator, or a key of his at this device, in one step;
// on the registrar's device. Faults: those of SetOperators.
func (c *Charter) CertifyOperator(tx *store.Tx, o Operator, device, key [32]byte, proof []byte) error {
	return c.SetOperators(tx, "operator.certify", o, OperatorKey{Operator: o.ID, Device: device, Key: key, Proof: proof})
}
