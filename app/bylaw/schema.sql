-- Versions of the rules of redemption, as they stand in the records.

CREATE TABLE bylaw_version (
  id     TEXT PRIMARY KEY,  -- hash of the value
  begins INTEGER NOT NULL,
  made   INTEGER NOT NULL,
  least  INTEGER NOT NULL,
  text   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX bylaw_version_begins ON bylaw_version(begins, made, id);
