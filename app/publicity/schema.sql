-- Rows of notices and minutes. Every row is a function of the records that are here,
-- whatever the order in which they came.

CREATE TABLE publicity_text (
  kind     TEXT NOT NULL,     -- notice, council, seat
  id       TEXT NOT NULL,     -- hash of value
  path     TEXT NOT NULL,     -- the least document that holds it: withdrawn beside it
  at       INTEGER NOT NULL,  -- from when it hangs, or a seat is held; when the council met
  until    INTEGER NOT NULL,
  about    TEXT NOT NULL,
  value    BLOB NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX publicity_text_at ON publicity_text(kind, at);
CREATE INDEX publicity_text_about ON publicity_text(about);

-- What was said of one: withdrawn, what was done about a matter, or which proposal it came from. Of two words that
-- were said apart the first counts.
CREATE TABLE publicity_word (
  kind     TEXT NOT NULL,
  id       TEXT NOT NULL,
  field    TEXT NOT NULL,
  n        INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  value    BLOB NOT NULL,
  PRIMARY KEY (kind, id, field, n)
) STRICT, WITHOUT ROWID;

-- What merchants read of notices, and which of these were taken down.
CREATE TABLE publicity_public (
  id       TEXT PRIMARY KEY,  -- hash of value
  notice   TEXT NOT NULL,
  at       INTEGER NOT NULL,
  until    INTEGER NOT NULL,
  value    BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE publicity_hidden (notice TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

-- What residents propose (tag text) and what was answered (other tags). Of two that
-- were written apart under one tag the first counts.
CREATE TABLE publicity_proposal (
  person   TEXT NOT NULL,
  id       TEXT NOT NULL,
  tag      TEXT NOT NULL,
  path     TEXT NOT NULL,
  at       INTEGER NOT NULL,
  value    BLOB NOT NULL,
  PRIMARY KEY (person, id, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX publicity_proposal_id ON publicity_proposal(id);
