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

-- Rights in the hands of feeds. n is what the feed's own entries make of it, by
-- which they are judged; net is what counts of that: the same but in feeds that
-- are closed or have forked. at: when they last changed, milliseconds. crc is
-- over the rest of the row: rights are spent from it, and SQLite sees no
-- flipped bit in a number.
CREATE TABLE ledger_held (
  feed    INTEGER NOT NULL,
  kind    INTEGER NOT NULL,
  subject BLOB NOT NULL,
  period  TEXT NOT NULL,
  n       INTEGER NOT NULL,
  net     INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  crc     INTEGER NOT NULL,
  PRIMARY KEY (feed, kind, subject, period)
) STRICT, WITHOUT ROWID;

-- The terms of each quota under the closes that ledger_closed names, and for
-- points the statistics: life and year count what was earned. crc is over the
-- rest of the row.
CREATE TABLE ledger_sum (
  kind     INTEGER NOT NULL,
  subject  BLOB NOT NULL,
  period   TEXT NOT NULL,
  minted   INTEGER NOT NULL,
  unseen   INTEGER NOT NULL,
  loss     INTEGER NOT NULL,
  held     INTEGER NOT NULL,
  inflight INTEGER NOT NULL,
  stranded INTEGER NOT NULL,
  consumed INTEGER NOT NULL,
  restored INTEGER NOT NULL,
  burned   INTEGER NOT NULL,
  life     INTEGER NOT NULL,
  year     INTEGER NOT NULL,
  crc      INTEGER NOT NULL,
  PRIMARY KEY (kind, subject, period)
) STRICT, WITHOUT ROWID;

-- What was lost of each quota, by the feed that caused it: the loss of ledger_sum.
CREATE TABLE ledger_loss (
  feed    BLOB NOT NULL,
  kind    INTEGER NOT NULL,
  subject BLOB NOT NULL,
  period  TEXT NOT NULL,
  n       INTEGER NOT NULL,
  PRIMARY KEY (feed, kind, subject, period)
) STRICT, WITHOUT ROWID;

-- Every MOVE that counts; taken counts the TAKEs of it that are here and count.
-- A right of a SUCCEED stands here too, under a derived hash and the index
-- 2147483647, from the closed feed to its successor.
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
CREATE INDEX ledger_move_slip ON ledger_move(subject) WHERE until > 0 AND taken = 0;

-- Every TAKE. seen: 0 the MOVE is not here, 1 it is, 2 it does not count (loss),
-- 3 the TAKE itself does not count. That of a SUCCEED's right stands here too,
-- under a derived hash.
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
-- transaction number of feed minter; minter is below zero where it stands only in a
-- branch of that feed, and branch is its hash then, else empty.
CREATE TABLE ledger_deed (
  feed   INTEGER NOT NULL,
  turn   BLOB NOT NULL,
  key    BLOB NOT NULL,
  minter INTEGER NOT NULL,
  number INTEGER NOT NULL,
  branch BLOB NOT NULL,
  at     INTEGER NOT NULL,
  PRIMARY KEY (feed, turn, key, minter, number, branch)
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

-- Closed feeds whose rights a feed took by SUCCEED, up to the cut, and where it first did.
CREATE TABLE ledger_heir (
  feed   INTEGER NOT NULL,
  closed BLOB NOT NULL,
  number INTEGER NOT NULL,
  at     INTEGER NOT NULL,
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
  branch BLOB NOT NULL,     -- the hash of a transaction that stands only in a branch of its feed; else empty
  PRIMARY KEY (person, at, feed, number, idx, branch)
) STRICT, WITHOUT ROWID;

-- Points by hour (milliseconds / 3,600,000), so that any calendar can add
-- them up to days and months.
CREATE TABLE ledger_hour (
  hour        INTEGER PRIMARY KEY,
  awarded     INTEGER NOT NULL,  -- points, less undone and corrected ones
  redeemed    INTEGER NOT NULL,  -- points, less undone ones
  awards      INTEGER NOT NULL,  -- entries
  redemptions INTEGER NOT NULL,
  brought     INTEGER NOT NULL,  -- openings and what people moved here with, less undone ones
  deducted    INTEGER NOT NULL,  -- deductions, collected debts
  moved       INTEGER NOT NULL,  -- what people moved away with
  expired     INTEGER NOT NULL
) STRICT;

-- The closes under which the rows were made, as digests: what they are is
-- asked of governance. heir is empty while there is no SUCCEED.
CREATE TABLE ledger_closed (
  inc    BLOB PRIMARY KEY,
  cut    BLOB NOT NULL,
  heir   BLOB NOT NULL,
  rights INTEGER NOT NULL  -- how many the SUCCEED names
) STRICT, WITHOUT ROWID;

-- The governance head under which ledger_closed was made: one row.
CREATE TABLE ledger_law (
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  term INTEGER NOT NULL,
  seq  INTEGER NOT NULL,
  head BLOB NOT NULL
) STRICT;

-- Transactions beyond their feed's cut: of what was minted or restored in them
-- the successor writes its own (rule 9).
CREATE TABLE ledger_late (
  feed   INTEGER NOT NULL,
  number INTEGER NOT NULL,
  hash   BLOB NOT NULL,
  PRIMARY KEY (feed, number, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_late_hash ON ledger_late(hash);
