-- Rows of settlements. All can be had again by replaying the settlement feeds.
-- Hashes are of changes.

-- Every entry, and what is true after it: which settlement and which terms were
-- the last, and how many there are. Entries of a merchant form a chain over all
-- documents; after a succession an old registrar's late entries are a side
-- branch of it, which does not count.
CREATE TABLE settle_entry (
  hash   BLOB PRIMARY KEY,
  prev   BLOB NOT NULL,     -- empty for a merchant's first
  place  TEXT NOT NULL,
  term   INTEGER NOT NULL,  -- of the registrar that wrote it
  actor  BLOB NOT NULL,
  year   INTEGER NOT NULL,  -- of its document
  at     INTEGER NOT NULL,
  operator TEXT NOT NULL,
  made   BLOB NOT NULL,     -- the last settlement, this one included; empty: none
  terms  BLOB NOT NULL      -- the last terms
) STRICT, WITHOUT ROWID;

-- The end of each merchant's chain.
CREATE TABLE settle_tip (
  place TEXT PRIMARY KEY,
  hash  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Settlements, with sums from the merchant's first one on.
CREATE TABLE settle_made (
  hash        BLOB PRIMARY KEY,
  prev        BLOB NOT NULL,  -- the settlement before
  place       TEXT NOT NULL,
  number      INTEGER NOT NULL,
  day         TEXT NOT NULL,
  redemptions INTEGER NOT NULL,
  reversals   INTEGER NOT NULL,
  points      INTEGER NOT NULL,
  back        INTEGER NOT NULL,
  peg         INTEGER NOT NULL,
  fen         INTEGER NOT NULL,
  brought     INTEGER NOT NULL,
  pay         INTEGER NOT NULL,
  sum_points  INTEGER NOT NULL,  -- redeemed less reversed
  sum_fen     INTEGER NOT NULL,
  sum_pay     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX settle_made_place ON settle_made(place, number);

-- Its ranges, and how far the merchant's feeds are settled after it: those that
-- it did not touch stand here too, with lo above hi.
CREATE TABLE settle_range (
  made BLOB NOT NULL,
  feed BLOB NOT NULL,
  lo   INTEGER NOT NULL,
  hi   INTEGER NOT NULL,
  tip  BLOB NOT NULL,
  PRIMARY KEY (made, feed)
) STRICT, WITHOUT ROWID;
CREATE INDEX settle_range_feed ON settle_range(feed, hi) WHERE lo <= hi;

CREATE TABLE settle_paid (
  hash      BLOB PRIMARY KEY,
  made      BLOB NOT NULL,
  fen       INTEGER NOT NULL,
  reference TEXT NOT NULL,
  at        INTEGER NOT NULL,
  actor     BLOB NOT NULL,
  operator  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX settle_paid_made ON settle_paid(made);

CREATE TABLE settle_terms (
  hash    BLOB PRIMARY KEY,
  payee   TEXT NOT NULL,
  account TEXT NOT NULL,
  bank    TEXT NOT NULL,
  peg     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
