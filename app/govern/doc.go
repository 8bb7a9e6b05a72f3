// Package govern is the community's charter: who may write and read what.
//
// It founds a community, keeps the registrar's feed gov/<term> (certificates,
// revocations, policy, closes, succession), and answers admission's questions
// about authority, always under the governance head that a change names: no
// clock and no order of arrival takes part.
//
// It must never know a volunteer's name, a point or a stock figure: gov is read
// by every device of the community and holds no personal data. Other subjects
// import it; it imports crdt and app/fault only.
//
// Start reading at [Entry] (what the feed can say), then [Table] (who reads and
// writes which document), then [Charter].
package govern
