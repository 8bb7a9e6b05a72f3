-- Claims. Times are milliseconds, 0 for never; every row is a function of the records.
CREATE TABLE claim_row (
  id        TEXT PRIMARY KEY,
  person    BLOB NOT NULL,
  item      TEXT NOT NULL DEFAULT '',
  version   INTEGER NOT NULL DEFAULT 0,
  at        INTEGER NOT NULL DEFAULT 0,
  minutes   INTEGER NOT NULL DEFAULT 0,
  count     INTEGER NOT NULL DEFAULT 0,
  hard      INTEGER NOT NULL DEFAULT 0,
  points    INTEGER NOT NULL DEFAULT 0,
  minus     INTEGER NOT NULL DEFAULT 0,
  needs     INTEGER NOT NULL DEFAULT 0, -- 1 witness, 2 confirmation, 4 review, 8 of a lead
  days      INTEGER NOT NULL DEFAULT 0,
  via       TEXT NOT NULL DEFAULT '',
  by        TEXT NOT NULL DEFAULT '',
  batch     TEXT NOT NULL DEFAULT '',
  made      INTEGER NOT NULL DEFAULT 0,
  note      BLOB NOT NULL DEFAULT x'',
  witness   BLOB NOT NULL DEFAULT x''
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_row_person ON claim_row(person, at);
CREATE INDEX claim_row_made ON claim_row(made);

-- The word that holds of each sort.
CREATE TABLE claim_word (
  id   TEXT NOT NULL,
  word TEXT NOT NULL,
  at   INTEGER NOT NULL,
  by   TEXT NOT NULL,
  yes  INTEGER NOT NULL,
  how  TEXT NOT NULL,
  why  TEXT NOT NULL,
  text BLOB NOT NULL,
  PRIMARY KEY (id, word)
) STRICT, WITHOUT ROWID;
