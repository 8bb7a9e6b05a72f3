-- Rows of levels and benefits; all can be had again from the feeds. How much of
-- a benefit is left is the ledger's business: these rows say who got what when.

-- Levels as they were awarded.
CREATE TABLE honour_award (
  hash   BLOB PRIMARY KEY,
  level  TEXT NOT NULL,
  period TEXT NOT NULL,
  person BLOB NOT NULL,
  at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX honour_award_level ON honour_award(period, level);
CREATE INDEX honour_award_person ON honour_award(person, period);
CREATE INDEX honour_award_at ON honour_award(at DESC, hash);

-- Benefits as they were used.
CREATE TABLE honour_use (
  hash     BLOB PRIMARY KEY,
  doc      TEXT NOT NULL,
  seq      INTEGER NOT NULL,
  actor    BLOB NOT NULL,
  at       INTEGER NOT NULL,
  person   BLOB NOT NULL,
  subject  BLOB NOT NULL,
  n        INTEGER NOT NULL,
  operator TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX honour_use_at ON honour_use(at);
