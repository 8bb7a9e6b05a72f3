// Package p2p moves bytes between the devices of a community: one libp2p host
// (TCP with Noise, and QUIC), a gate that lets only known devices in, one
// long-lived stream of frames for each connected device, and short questions
// with one answer.
//
// It must never know what the frames say: no documents, no roles, no
// community. Whom to admit ([Config].Gate), what to say ([Config].Open) and
// what to answer ([Config].Answer) come from the caller. It contacts nothing but
// the addresses that the caller named with [Host.AddAddrs], [Host.Sighted] or
// [Host.Dial]: there is no DHT, relay, NAT mapping, bootstrap or name lookup.
//
// Start reading at [Host]; a connection's life is in link.go, who dials whom
// and when in dial.go.
package p2p
