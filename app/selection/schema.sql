-- Rows of selections. Every row is a function of the records that are here, whatever
-- the order in which they came.

CREATE TABLE selection_one (
  id       TEXT PRIMARY KEY,
  doc      TEXT NOT NULL,
  value    BLOB,               -- NULL while only other things of it are here
  "check"  INTEGER NOT NULL DEFAULT 0,
  vote     INTEGER NOT NULL DEFAULT 0,
  counted  INTEGER NOT NULL DEFAULT 0,
  notice   INTEGER NOT NULL DEFAULT 0,
  decided  INTEGER NOT NULL DEFAULT 0,
  honoured INTEGER NOT NULL DEFAULT 0,
  dropped  INTEGER NOT NULL DEFAULT 0,
  tally    BLOB
) STRICT, WITHOUT ROWID;

-- Nominations, checks and votes; further places were written apart from place 0.
CREATE TABLE selection_word (
  selection TEXT NOT NULL,
  kind      TEXT NOT NULL,
  whose     TEXT NOT NULL,     -- a nominee, of a vote the voter
  place     INTEGER NOT NULL,
  value     BLOB NOT NULL,
  actor     BLOB NOT NULL,
  PRIMARY KEY (selection, kind, whose, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE selection_line (
  selection TEXT NOT NULL,
  line      INTEGER NOT NULL,
  nominee   TEXT NOT NULL DEFAULT '',
  chosen    INTEGER NOT NULL DEFAULT 0,
  won       INTEGER NOT NULL DEFAULT -1, -- yuan
  paid      INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (selection, line)
) STRICT, WITHOUT ROWID;

-- What the tally saw of each voter: hashes of votes.
CREATE TABLE selection_counted (
  selection TEXT NOT NULL,
  voter     TEXT NOT NULL,
  seen      BLOB NOT NULL,
  PRIMARY KEY (selection, voter)
) STRICT, WITHOUT ROWID;

-- Objections and answers.
CREATE TABLE selection_said (
  selection TEXT NOT NULL,
  nominee   TEXT NOT NULL,
  tag       TEXT NOT NULL,
  kind      TEXT NOT NULL,
  by        TEXT NOT NULL,
  value     BLOB NOT NULL,
  PRIMARY KEY (selection, nominee, tag, kind)
) STRICT, WITHOUT ROWID;
