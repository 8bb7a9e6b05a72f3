-- Rows of activities. Every row is a function of the records and the ledger
-- entries that are here, whatever the order in which they came.

-- An activity. home is the incarnation that published it, in hexadecimal.
CREATE TABLE activity_row (
  id         TEXT PRIMARY KEY,
  path       TEXT NOT NULL,
  title      TEXT NOT NULL DEFAULT '',
  type       TEXT NOT NULL DEFAULT '',
  start_at   INTEGER NOT NULL DEFAULT 0,
  end_at     INTEGER NOT NULL DEFAULT 0,
  place      TEXT NOT NULL DEFAULT '',
  places     INTEGER NOT NULL DEFAULT 0,
  item       TEXT NOT NULL DEFAULT '',
  rule       BLOB NOT NULL DEFAULT x'',
  organiser  TEXT NOT NULL DEFAULT '',
  note       BLOB NOT NULL DEFAULT x'', -- sealed
  home       TEXT NOT NULL DEFAULT '',
  secret     BLOB NOT NULL DEFAULT x'',
  made       INTEGER NOT NULL DEFAULT 0,
  cancelled  INTEGER NOT NULL DEFAULT 0,
  finished   INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX activity_row_start ON activity_row(start_at);
CREATE INDEX activity_row_open ON activity_row(finished, cancelled);

-- Who wants to come. at is the first sign-up in force; signed says that it was
-- not taken back since.
CREATE TABLE activity_signup (
  activity TEXT NOT NULL,
  person   TEXT NOT NULL,
  at       INTEGER NOT NULL,
  signed   INTEGER NOT NULL,
  via      TEXT NOT NULL,
  PRIMARY KEY (activity, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX activity_signup_person ON activity_signup(person);

-- What each recorder saw.
CREATE TABLE activity_att (
  activity TEXT NOT NULL,
  person   TEXT NOT NULL,
  recorder TEXT NOT NULL,
  in_at    INTEGER NOT NULL DEFAULT 0,
  out_at   INTEGER NOT NULL DEFAULT 0,
  how      TEXT NOT NULL DEFAULT '',
  scans    INTEGER NOT NULL DEFAULT 0,
  by       TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (activity, person, recorder)
) STRICT, WITHOUT ROWID;
CREATE INDEX activity_att_person ON activity_att(person);

-- Deeds outside of activities, a row for each recorder.
CREATE TABLE activity_deed (
  id       BLOB NOT NULL,
  recorder TEXT NOT NULL,
  person   TEXT NOT NULL,
  item     TEXT NOT NULL,
  at       INTEGER NOT NULL,
  minutes  INTEGER NOT NULL,
  note     BLOB NOT NULL, -- sealed, as is the witness
  witness  BLOB NOT NULL,
  line     BLOB NOT NULL, -- stands for a line of the paper passbook
  version  INTEGER NOT NULL,
  points   INTEGER NOT NULL,
  by       TEXT NOT NULL,
  made     INTEGER NOT NULL,
  count    INTEGER NOT NULL,
  hard     INTEGER NOT NULL,
  PRIMARY KEY (id, recorder)
) STRICT, WITHOUT ROWID;
CREATE INDEX activity_deed_person ON activity_deed(person, at);
CREATE INDEX activity_deed_at ON activity_deed(at);

-- What recorders took back before it was paid, and when; it is in no other table.
CREATE TABLE activity_back (
  id       BLOB NOT NULL,
  recorder TEXT NOT NULL,
  turn     BLOB NOT NULL, -- the person's
  at       INTEGER NOT NULL,
  PRIMARY KEY (id, recorder)
) STRICT, WITHOUT ROWID;

-- Places that the ledger says are taken: one row for each CONSUME of a slot
-- that was not restored, by its transaction and entry.
CREATE TABLE activity_place (
  hash     BLOB NOT NULL,
  n        INTEGER NOT NULL,
  activity TEXT NOT NULL,
  person   TEXT NOT NULL,
  actor    TEXT NOT NULL,
  PRIMARY KEY (hash, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX activity_place_activity ON activity_place(activity, person);

-- How many places exist: minted less burned.
CREATE TABLE activity_made (
  activity TEXT PRIMARY KEY,
  n        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Deeds that the ledger paid, by turn and key.
CREATE TABLE activity_paid (
  turn   BLOB NOT NULL,
  key    BLOB NOT NULL,
  hash   BLOB NOT NULL,
  amount INTEGER NOT NULL,
  undone INTEGER NOT NULL DEFAULT 0, -- 1: taken back; the key stays used up
  PRIMARY KEY (turn, key, hash)
) STRICT, WITHOUT ROWID;

-- What a ledger entry took back, by the hash of the transaction.
CREATE TABLE activity_undone (
  hash BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Turns that were made, by activity or person.
CREATE TABLE activity_turn (
  turn BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Facts worth points that the ledger has not paid: of finished activities, and
-- deeds (activity empty).
CREATE TABLE activity_due (
  turn     BLOB NOT NULL,
  key      BLOB NOT NULL,
  activity TEXT NOT NULL,
  person   TEXT NOT NULL,
  points   INTEGER NOT NULL,
  PRIMARY KEY (turn, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX activity_due_person ON activity_due(person);
