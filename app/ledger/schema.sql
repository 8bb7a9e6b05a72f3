-- Rows of the ledger. All can be had again by replaying the feeds in their
-- local order. Subjects are 16 bytes, hashes 32; a feed is a small number.

-- How far each feed goes, and the governance head that it named last.
CREATE TABLE ledger_feed (
  n      INTEGER PRIMARY KEY,
  inc    BLOB NOT NULL UNIQUE,
  number INTEGER NOT NULL,  -- running number of the last transaction
  tip    BLOB NOT NULL,
  term   INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  head   BLOB NOT NULL
) STRICT;

-- Rights in the hands of feeds. at: when they last changed, milliseconds.
CREATE TABLE ledger_held (
  feed    INTEGER NOT NULL,
  kind    INTEGER NOT NULL,
  subject BLOB NOT NULL,
  period  TEXT NOT NULL,
  n       INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  PRIMARY KEY (feed, kind, subject, period)
) STRICT, WITHOUT ROWID;

-- The terms of each quota while no feed is closed, and for points the
-- statistics: life and year count what was earned.
CREATE TABLE ledger_sum (
  kind     INTEGER NOT NULL,
  subject  BLOB NOT NULL,
  period   TEXT NOT NULL,
  minted   INTEGER NOT NULL,
  unseen   INTEGER NOT NULL,
  held     INTEGER NOT NULL,
  inflight INTEGER NOT NULL,
  consumed INTEGER NOT NULL,
  restored INTEGER NOT NULL,
  burned   INTEGER NOT NULL,
  life     INTEGER NOT NULL,
  year     INTEGER NOT NULL,
  PRIMARY KEY (kind, subject, period)
) STRICT, WITHOUT ROWID;

-- Every MOVE of admitted feeds; taken counts the TAKEs of it that are here.
CREATE TABLE ledger_move (
  hash    BLOB NOT NULL,
  idx     INTEGER NOT NULL,
  payer   INTEGER NOT NULL,
  payee   BLOB NOT NULL,
  taken   INTEGER NOT NULL,
  number  INTEGER NOT NULL,
  kind    INTEGER NOT NULL,
  subject BLOB NOT NULL,
  period  TEXT NOT NULL,
  n       INTEGER NOT NULL,
  until   INTEGER NOT NULL,  -- milliseconds: a voucher, good until then; 0: fetched like any other
  issued  INTEGER NOT NULL,  -- milliseconds, by the payer's clock
  PRIMARY KEY (hash, idx)
) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_move_open ON ledger_move(payee, kind, subject) WHERE taken = 0;

-- Every TAKE. seen: the MOVE is here as well. A right of a SUCCEED stands
-- here too, under a derived hash.
CREATE TABLE ledger_taken (
  hash    BLOB NOT NULL,
  idx     INTEGER NOT NULL,
  feed    INTEGER NOT NULL,
  number  INTEGER NOT NULL,
  seen    INTEGER NOT NULL,
  payer   BLOB NOT NULL,
  kind    INTEGER NOT NULL,
  subject BLOB NOT NULL,
  period  TEXT NOT NULL,
  n       INTEGER NOT NULL,
  PRIMARY KEY (hash, idx, feed)
) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_taken_unseen ON ledger_taken(feed) WHERE seen = 0;

-- Deed keys as each feed's chain knows them: own MINTs, and what came with a
-- turn. at: the feed's transaction that brought the row. The MINT is
-- transaction number of feed minter.
CREATE TABLE ledger_deed (
  feed   INTEGER NOT NULL,
  turn   BLOB NOT NULL,
  key    BLOB NOT NULL,
  minter INTEGER NOT NULL,
  number INTEGER NOT NULL,
  at     INTEGER NOT NULL,
  PRIMARY KEY (feed, turn, key, minter, number)
) STRICT, WITHOUT ROWID;

-- What was restored or burned back of an entry, by which feed.
CREATE TABLE ledger_undone (
  hash   BLOB NOT NULL,
  idx    INTEGER NOT NULL,
  feed   INTEGER NOT NULL,
  number INTEGER NOT NULL,
  n      INTEGER NOT NULL,
  PRIMARY KEY (hash, idx, feed)
) STRICT, WITHOUT ROWID;

-- Closed feeds whose rights a feed took by SUCCEED, up to the cut.
CREATE TABLE ledger_heir (
  feed   INTEGER NOT NULL,
  closed BLOB NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (feed, closed)
) STRICT, WITHOUT ROWID;

-- A person's history: what changed points, one row per entry. What it says in
-- full is read from the change itself. kind is LineKind.
CREATE TABLE ledger_line (
  person BLOB NOT NULL,
  at     INTEGER NOT NULL,
  feed   INTEGER NOT NULL,
  number INTEGER NOT NULL,
  idx    INTEGER NOT NULL,
  kind   INTEGER NOT NULL,
  n      INTEGER NOT NULL,  -- signed: change of what can be spent
  life   INTEGER NOT NULL,
  year   INTEGER NOT NULL,
  undone INTEGER NOT NULL,
  PRIMARY KEY (person, at, feed, number, idx)
) STRICT, WITHOUT ROWID;

-- Points by hour (milliseconds / 3,600,000), so that any calendar can add
-- them up to days and months.
CREATE TABLE ledger_hour (
  hour        INTEGER PRIMARY KEY,
  awarded     INTEGER NOT NULL,  -- points, less undone and corrected ones
  redeemed    INTEGER NOT NULL,  -- points, less undone ones
  awards      INTEGER NOT NULL,  -- entries
  redemptions INTEGER NOT NULL
) STRICT;
