-- Rows of credit lines; all can be had again from the documents of people. No
-- names: a person is an id.

-- The last word about consent.
CREATE TABLE credit_consent (
  person   BLOB PRIMARY KEY,
  at       INTEGER NOT NULL DEFAULT 0,
  by       TEXT NOT NULL DEFAULT '',
  operator BLOB NOT NULL DEFAULT x'',
  device   BLOB NOT NULL DEFAULT x'',
  key      BLOB NOT NULL DEFAULT x'',
  sig      BLOB NOT NULL DEFAULT x'',
  off      INTEGER NOT NULL DEFAULT 0,
  off_by   TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

-- Every version of every line.
CREATE TABLE credit_line (
  id      TEXT PRIMARY KEY,
  person  BLOB NOT NULL,
  version INTEGER NOT NULL,
  points  INTEGER NOT NULL,
  basis   TEXT NOT NULL,
  amount  INTEGER NOT NULL,
  made    INTEGER NOT NULL,
  until   INTEGER NOT NULL,
  by      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX credit_line_person ON credit_line(person, version);
