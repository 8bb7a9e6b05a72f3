-- Rows of applications. Every row is a function of the records that are here, whatever
-- the order in which they came: of two values that were written apart the lesser one of
-- (rank, at, value) holds.

CREATE TABLE newcomer_asked (
  id       BLOB PRIMARY KEY,
  at       INTEGER NOT NULL,
  text     BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX newcomer_asked_at ON newcomer_asked(at);

CREATE TABLE newcomer_ended (
  id       BLOB PRIMARY KEY,
  rank     INTEGER NOT NULL,  -- of its state
  at       INTEGER NOT NULL,
  value    BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX newcomer_ended_at ON newcomer_ended(at);
