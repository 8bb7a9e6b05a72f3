package store

// Finisher is a Projector that keeps rows back while a transaction goes on, so
// that a batch of many changes writes each of them once. Finish is called once
// before the commit; its error undoes the transaction.
type Finisher interface {
	Finish(tx *Tx) error
}

// finishProjectors lets projectors write what they kept back.
func (tx *Tx) finishProjectors() error {
	for _, p := range tx.s.cfg.Projectors {
		if f, ok := p.(Finisher); ok {
			if err := f.Finish(tx); err != nil {
				return err
			}
		}
	}
	return nil
}
