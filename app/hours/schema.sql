-- Rows of certificates and of what was sent. Every row is a function of the records
-- that are here, whatever the order in which they came.

CREATE TABLE hours_paper (
  year    INTEGER NOT NULL,
  number  INTEGER NOT NULL,
  person  TEXT NOT NULL,
  at      INTEGER NOT NULL,
  value   BLOB NOT NULL,
  PRIMARY KEY (year, number, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX hours_paper_person ON hours_paper(person);

-- What was sent to a platform, in which batch.
CREATE TABLE hours_sent (
  service  TEXT NOT NULL,
  platform TEXT NOT NULL,
  batch    INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  PRIMARY KEY (service, platform)
) STRICT, WITHOUT ROWID;
CREATE INDEX hours_sent_batch ON hours_sent(platform, batch);

CREATE TABLE hours_layout (
  platform TEXT PRIMARY KEY,
  at       INTEGER NOT NULL,
  value    BLOB NOT NULL
) STRICT, WITHOUT ROWID;
