-- Rows of duties. Every row is a function of the records that are here, whatever the
-- order in which they came.

CREATE TABLE duty_what (
  id     TEXT PRIMARY KEY,  -- hash of value
  path   TEXT NOT NULL,     -- the least document that holds it; the rest stands beside it
  value  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE duty_holder (
  id     TEXT PRIMARY KEY,
  person BLOB NOT NULL,     -- empty: nobody
  at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX duty_holder_person ON duty_holder(person);

-- Why it ended. Of two words that were said apart the first counts.
CREATE TABLE duty_off (
  id     TEXT PRIMARY KEY,
  at     INTEGER NOT NULL,
  text   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE duty_done (
  id     TEXT NOT NULL,
  deed   TEXT NOT NULL,
  person BLOB NOT NULL,
  at     INTEGER NOT NULL,
  PRIMARY KEY (id, deed)
) STRICT, WITHOUT ROWID;
