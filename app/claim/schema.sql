-- Claims. Times are milliseconds, 0 for never; every row is a function of the records.
CREATE TABLE claim_row (
  id        TEXT PRIMARY KEY,    -- a hash, of the person too
  person    BLOB NOT NULL,
  item      TEXT NOT NULL,
  version   INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  minutes   INTEGER NOT NULL,
  count     INTEGER NOT NULL,
  hard      INTEGER NOT NULL,
  via       TEXT NOT NULL,
  by        TEXT NOT NULL,
  batch     TEXT NOT NULL,
  made      INTEGER NOT NULL,
  salt      BLOB NOT NULL,
  note      BLOB NOT NULL,
  witness   BLOB NOT NULL,
  counter   INTEGER NOT NULL, -- the operation that made it
  actor     BLOB NOT NULL,
  over      INTEGER NOT NULL  -- 1: the main device booked it, or noted that nothing comes of it
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_row_person ON claim_row(person, at);
CREATE INDEX claim_row_made ON claim_row(made, id);
CREATE INDEX claim_row_open ON claim_row(made, id) WHERE over = 0;

-- Every word that was said, by the operation that said it.
CREATE TABLE claim_word (
  id       TEXT NOT NULL,
  person   BLOB NOT NULL, -- by the key: of a claim of somebody else it is none
  counter  INTEGER NOT NULL,
  actor    BLOB NOT NULL,
  hash     BLOB NOT NULL, -- of the change: two histories of one author may bear one operation id
  word     TEXT NOT NULL,
  name     TEXT NOT NULL,
  at       INTEGER NOT NULL,
  by       TEXT NOT NULL,
  yes      INTEGER NOT NULL,
  how      TEXT NOT NULL,
  too      TEXT NOT NULL,
  text     BLOB NOT NULL,
  operator BLOB NOT NULL,
  device   BLOB NOT NULL,
  key      BLOB NOT NULL,
  sig      BLOB NOT NULL,
  PRIMARY KEY (id, person, counter, actor, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_word_word ON claim_word(word, at);
CREATE INDEX claim_word_person ON claim_word(person, word);
