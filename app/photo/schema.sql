-- Which pictures there are; every row is a function of the records.
CREATE TABLE photo_row (
  hash    BLOB NOT NULL,
  person  BLOB NOT NULL,
  of      TEXT NOT NULL,
  size    INTEGER NOT NULL,
  key     BLOB NOT NULL,    -- sealed
  at      INTEGER NOT NULL, -- milliseconds
  by      TEXT NOT NULL,
  PRIMARY KEY (hash, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX photo_row_of ON photo_row(person, of, at);

-- Which of them were taken down.
CREATE TABLE photo_off (
  hash    BLOB NOT NULL,
  person  BLOB NOT NULL,
  PRIMARY KEY (hash, person)
) STRICT, WITHOUT ROWID;
