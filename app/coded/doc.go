// Package coded is how things are put into QR codes: base45 (RFC 9285) and
// COSE_Sign1 (RFC 9052) with Ed25519 over CBOR in core deterministic encoding, and
// the text that both make together.
//
// It must never know what is coded: cards, vouchers and certificates have prefixes
// and rules of their own. Start reading at [Text].
package coded
