-- Who did what: one row for each change of any document of the community, with
-- nothing personal in it. Every row is a function of its change.
CREATE TABLE audit_row (
  at       INTEGER NOT NULL, -- the change's own time, milliseconds
  hash     BLOB NOT NULL,
  actor    BLOB NOT NULL,
  doc      TEXT NOT NULL,
  operator TEXT NOT NULL,    -- the name in the change, "" for what a device does by itself
  action   TEXT NOT NULL,
  kind     TEXT NOT NULL,
  item     TEXT NOT NULL,    -- of points: code of the rulebook's item
  version  INTEGER NOT NULL, -- and its version
  points   INTEGER NOT NULL, -- of points: what can be spent more or less
  law      TEXT NOT NULL,    -- the entry of the charter that its author knew last
  PRIMARY KEY (at, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_row_operator ON audit_row(operator, at);
CREATE INDEX audit_row_kind ON audit_row(kind, at);
CREATE INDEX audit_row_actor ON audit_row(actor, at);

-- The ids that a change names: people by pseudonym, activities, orders.
CREATE TABLE audit_who (
  id   TEXT NOT NULL,
  at   INTEGER NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (id, at, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_who_row ON audit_who(at, hash);
