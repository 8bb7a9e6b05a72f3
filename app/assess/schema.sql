-- Rows of assessment rounds. Every row is a function of the records that are here,
-- whatever the order in which they came.

CREATE TABLE assess_round (
  id        TEXT PRIMARY KEY,
  doc       TEXT NOT NULL,
  value     BLOB,               -- NULL while only other things of it are here
  published INTEGER NOT NULL DEFAULT 0,
  booked    INTEGER NOT NULL DEFAULT 0,
  dropped   INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- Scores; place 0 is the one shown, further ones were written apart from it.
CREATE TABLE assess_score (
  round TEXT NOT NULL,
  home  TEXT NOT NULL,
  item  INTEGER NOT NULL,
  place INTEGER NOT NULL,
  n     INTEGER NOT NULL,
  actor BLOB NOT NULL,
  PRIMARY KEY (round, home, item, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE assess_here (
  round  TEXT NOT NULL,
  person TEXT NOT NULL,
  here   INTEGER NOT NULL,
  PRIMARY KEY (round, person)
) STRICT, WITHOUT ROWID;

-- What was published of each household, and when its points were claimed.
CREATE TABLE assess_final (
  round TEXT NOT NULL,
  home  TEXT NOT NULL,
  value BLOB,
  paid  INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (round, home)
) STRICT, WITHOUT ROWID;

-- Objections and answers.
CREATE TABLE assess_said (
  round TEXT NOT NULL,
  home  TEXT NOT NULL,
  tag   TEXT NOT NULL,
  kind  TEXT NOT NULL,
  by    TEXT NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY (round, home, tag, kind)
) STRICT, WITHOUT ROWID;
