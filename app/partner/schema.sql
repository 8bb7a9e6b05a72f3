-- Rows of what other communities' letters brought and of the statements of both
-- sides. All can be had again by replaying abroad and net documents.

-- Other communities' charters, change by change.
CREATE TABLE partner_gov (
  community TEXT NOT NULL,
  term      INTEGER NOT NULL,
  seq       INTEGER NOT NULL,
  hash      BLOB NOT NULL,
  chunk     BLOB NOT NULL,
  PRIMARY KEY (community, term, seq)
) STRICT, WITHOUT ROWID;

-- Who wrote what they sent us, beside their registrars. What one community names
-- blocks no other one: anybody can certify a key that is known.
CREATE TABLE partner_cert (
  community TEXT NOT NULL,
  actor     BLOB NOT NULL,
  cert      BLOB NOT NULL,
  PRIMARY KEY (community, actor)
) STRICT, WITHOUT ROWID;

-- BURNs of people who moved here.
CREATE TABLE partner_moved (
  hash      BLOB PRIMARY KEY,
  community TEXT NOT NULL,
  evidence  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Our BURNs of people who arrived there: the change that made the points anew.
CREATE TABLE partner_came (
  burn      BLOB PRIMARY KEY,
  community TEXT NOT NULL,
  hash      BLOB NOT NULL,
  at        INTEGER NOT NULL   -- by their clock
) STRICT, WITHOUT ROWID;

-- The statements of both sides and what was said to them. side is the community
-- whose registrar wrote the entry, other the one it is written to.
CREATE TABLE partner_entry (
  hash     BLOB PRIMARY KEY,
  prev     BLOB NOT NULL,   -- the entry before in side's chain; empty: none
  side     TEXT NOT NULL,
  other    TEXT NOT NULL,
  doc      TEXT NOT NULL,
  seq      INTEGER NOT NULL,
  term     INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  operator TEXT NOT NULL,
  value    BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX partner_entry_side ON partner_entry(side, other);
CREATE UNIQUE INDEX partner_entry_place ON partner_entry(doc, seq);
