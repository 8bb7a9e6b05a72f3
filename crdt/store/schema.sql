-- The database of one device. The table "change" and the sets are the truth;
-- what is marked derived can be had again from them (Store.Rebuild).

-- Format version ("format"), id of this database ("database"), merged hybrid
-- clock ("clock"), the incarnation whose own later changes came back from a
-- peer ("lost"): it wrote more than this database knows.
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value ANY NOT NULL
) STRICT, WITHOUT ROWID;

-- Incarnations by a small local number.
CREATE TABLE actor (
  n  INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE
) STRICT;

-- Documents by a small local number. Derived: digest, changes, greatest (the
-- greatest operation counter).
CREATE TABLE doc (
  n        INTEGER PRIMARY KEY,
  id       TEXT NOT NULL UNIQUE,
  shape    INTEGER NOT NULL,
  digest   BLOB NOT NULL,
  changes  INTEGER NOT NULL,
  greatest INTEGER NOT NULL
) STRICT;

-- Every change, in the order in which this device accepted it. tag is the
-- first eight bytes of the hash: a third of the size of an index over hashes.
-- seal is NULL where a later seal of the feed part covers the change.
CREATE TABLE change (
  n        INTEGER PRIMARY KEY,
  doc      INTEGER NOT NULL,
  actor    INTEGER NOT NULL,
  seq      INTEGER NOT NULL,
  tag      INTEGER NOT NULL,
  hash     BLOB NOT NULL,
  seal     BLOB,
  start_op INTEGER NOT NULL,
  ops      INTEGER NOT NULL,
  local    INTEGER NOT NULL,
  chunk    BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX change_place ON change(doc, actor, seq);
CREATE INDEX change_tag ON change(tag);

-- Derived. The vector of each document: how far it goes for each actor, and
-- the governance head that the actor named last.
CREATE TABLE tip (
  doc   INTEGER NOT NULL,
  actor INTEGER NOT NULL,
  seq   INTEGER NOT NULL,
  hash  BLOB NOT NULL,
  term  INTEGER NOT NULL,
  head  INTEGER NOT NULL,
  PRIMARY KEY (doc, actor)
) STRICT, WITHOUT ROWID;

-- Derived, records only. Changes that no other change of the document depends
-- on.
CREATE TABLE head (
  doc  INTEGER NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (doc, hash)
) STRICT, WITHOUT ROWID;

-- Derived, records only. The causal past of a change, itself included: pairs
-- of actor number and sequence number as varints.
CREATE TABLE past (
  n     INTEGER PRIMARY KEY,
  clock BLOB NOT NULL
) STRICT;

-- Derived, records only. Every operation ever, overwritten ones included, so
-- that a predecessor can be checked. state: 0 overwritten, 1 shown or in
-- conflict, 2 a removal.
CREATE TABLE op (
  doc     INTEGER NOT NULL,
  counter INTEGER NOT NULL,
  actor   INTEGER NOT NULL,
  seq     INTEGER NOT NULL,
  state   INTEGER NOT NULL,
  key     TEXT NOT NULL,
  PRIMARY KEY (doc, counter, actor)
) STRICT, WITHOUT ROWID;

-- Derived, records only. The values that nothing has replaced. The row with
-- the greatest (counter, actor id) of a key is shown, the others are its
-- conflicts. kind is wire.Kind; num and raw are wire.Value's.
CREATE TABLE register (
  doc     INTEGER NOT NULL,
  key     TEXT NOT NULL,
  counter INTEGER NOT NULL,
  actor   INTEGER NOT NULL,
  kind    INTEGER NOT NULL,
  num     INTEGER NOT NULL,
  raw     BLOB NOT NULL,
  PRIMARY KEY (doc, key, counter, actor)
) STRICT, WITHOUT ROWID;

-- Derived, records only. Changes that do not count, because their author had lost its
-- authority and nobody had seen them (mask.go). built: something that stands builds on
-- it, though it vouches for nothing.
CREATE TABLE mask (
  n     INTEGER PRIMARY KEY,
  doc   INTEGER NOT NULL,
  actor INTEGER NOT NULL,
  seq   INTEGER NOT NULL,
  built INTEGER NOT NULL
) STRICT;
CREATE INDEX mask_place ON mask(doc, actor, seq);

-- Derived. The keys that masked changes touch.
CREATE TABLE mask_key (
  doc INTEGER NOT NULL,
  key TEXT NOT NULL,
  n   INTEGER NOT NULL,
  PRIMARY KEY (doc, key, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX mask_key_change ON mask_key(n);

-- The local commits that authored something, each with the chain hash over all
-- before it: what the lock file is compared with. clock is the hybrid clock.
-- Only the latest are kept.
CREATE TABLE local (
  n     INTEGER PRIMARY KEY,
  actor BLOB NOT NULL,
  tip   BLOB NOT NULL,
  clock INTEGER NOT NULL
) STRICT;

-- Sets that travel beside the documents.
CREATE TABLE item (
  name TEXT NOT NULL,
  id   BLOB NOT NULL,
  gone INTEGER NOT NULL,
  blob BLOB NOT NULL,
  PRIMARY KEY (name, id)
) STRICT, WITHOUT ROWID;

-- The waiting room: sound changes that can't be judged yet. Bounded.
CREATE TABLE waiting (
  n      INTEGER PRIMARY KEY,
  doc    TEXT NOT NULL,
  actor  BLOB NOT NULL,
  seq    INTEGER NOT NULL,
  hash   BLOB NOT NULL,
  chunk  BLOB NOT NULL,
  seal   BLOB,
  origin TEXT NOT NULL,
  at     INTEGER NOT NULL,
  reason TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX waiting_place ON waiting(doc, actor, seq, hash);
CREATE INDEX waiting_origin ON waiting(origin);

-- What was refused, from whom and why. final: its author sealed it and it is
-- wrong for ever; what rests on it need not wait. Bounded.
CREATE TABLE quarantine (
  n      INTEGER PRIMARY KEY,
  doc    TEXT NOT NULL,
  actor  BLOB NOT NULL,
  seq    INTEGER NOT NULL,
  hash   BLOB NOT NULL,
  origin TEXT NOT NULL,
  at     INTEGER NOT NULL,
  times  INTEGER NOT NULL,
  final  INTEGER NOT NULL,
  reason TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX quarantine_hash ON quarantine(hash, doc);
CREATE INDEX quarantine_origin ON quarantine(origin);

-- The later-arriving branches of forks: what their authors put in the place of
-- changes that stand in "change", and what follows. Bounded for each actor.
CREATE TABLE branch (
  doc   TEXT NOT NULL,
  actor BLOB NOT NULL,
  seq   INTEGER NOT NULL,
  hash  BLOB NOT NULL,
  chunk BLOB NOT NULL,
  seal  BLOB,
  at    INTEGER NOT NULL,
  PRIMARY KEY (doc, actor, seq, hash)
) STRICT, WITHOUT ROWID;

-- Feeds that an invalid change ended. proof is the invalid change and those up
-- to the next seal.
CREATE TABLE ended (
  doc    TEXT PRIMARY KEY,
  seq    INTEGER NOT NULL,
  hash   BLOB NOT NULL,
  reason TEXT NOT NULL,
  proof  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The projections that exist, to notice a new version.
CREATE TABLE projector (
  name    TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  schema  BLOB NOT NULL
) STRICT, WITHOUT ROWID;
