-- Entries as they stand in the records.

CREATE TABLE fund_entry (
  id    TEXT PRIMARY KEY,  -- hash of value
  day   INTEGER NOT NULL,
  made  INTEGER NOT NULL,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX fund_entry_day ON fund_entry(day, made, id);
