-- Rows of orders. Every row is a function of the records and the ledger
-- entries that are here, whatever the order in which they came.

-- What was done to orders, one row for each operation: the history that the
-- side panel shows, and where the time of every value comes from. counter and
-- actor are the operation's id within its document; at is the change's own
-- time, which its author sealed.
CREATE TABLE order_event (
  hash     BLOB NOT NULL,
  n        INTEGER NOT NULL,
  order_id TEXT NOT NULL,
  path     TEXT NOT NULL,
  counter  INTEGER NOT NULL,
  actor    TEXT NOT NULL,
  at       INTEGER NOT NULL,
  operator TEXT NOT NULL,
  kind     TEXT NOT NULL,
  sub      TEXT NOT NULL, -- the dispatch or the reply, or empty
  field    TEXT NOT NULL,
  value    BLOB NOT NULL, -- as written; sealed texts stay sealed
  PRIMARY KEY (hash, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX order_event_order ON order_event(order_id, at);
CREATE INDEX order_event_op ON order_event(order_id, counter, actor);

-- The values that are kept of each key of an order; rank 0 is the one shown.
CREATE TABLE order_value (
  order_id TEXT NOT NULL,
  kind     TEXT NOT NULL,
  sub      TEXT NOT NULL,
  field    TEXT NOT NULL,
  path     TEXT NOT NULL,
  rank     INTEGER NOT NULL,
  value    BLOB NOT NULL,
  at       INTEGER NOT NULL,
  actor    TEXT NOT NULL,
  operator TEXT NOT NULL,
  PRIMARY KEY (order_id, kind, sub, field, path, rank)
) STRICT, WITHOUT ROWID;

-- An order, as its values say.
CREATE TABLE order_row (
  id          TEXT PRIMARY KEY,
  path        TEXT NOT NULL,
  state       TEXT NOT NULL,
  person      TEXT NOT NULL,
  type        TEXT NOT NULL,
  project     TEXT NOT NULL,
  grid        TEXT NOT NULL,
  via         TEXT NOT NULL,
  by          TEXT NOT NULL,
  once        BLOB NOT NULL,
  made        INTEGER NOT NULL,
  offer       TEXT NOT NULL,
  party_kind  TEXT NOT NULL,
  party       TEXT NOT NULL,
  item        TEXT NOT NULL,
  item_name   TEXT NOT NULL,
  version     INTEGER NOT NULL,
  month       TEXT NOT NULL,
  offered_at  INTEGER NOT NULL,
  offered_by  TEXT NOT NULL,
  answer_at   INTEGER NOT NULL,
  contact_at  INTEGER NOT NULL,
  done_at     INTEGER NOT NULL,
  minutes     INTEGER NOT NULL,
  stars       INTEGER NOT NULL,
  review_via  TEXT NOT NULL,
  reviewed_at INTEGER NOT NULL,
  declined    INTEGER NOT NULL,
  clash       INTEGER NOT NULL,
  why         TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX order_row_state ON order_row(state, made);
CREATE INDEX order_row_made ON order_row(made);
CREATE INDEX order_row_person ON order_row(person, made);
CREATE INDEX order_row_party ON order_row(party, made);
CREATE INDEX order_row_once ON order_row(once);

-- Who served, of the dispatch in force.
CREATE TABLE order_helper (
  order_id TEXT NOT NULL,
  person   TEXT NOT NULL,
  points   INTEGER NOT NULL, -- by the rule of the dispatch
  PRIMARY KEY (order_id, person)
) STRICT, WITHOUT ROWID;

-- What the ledger paid for orders, by the person's turn and the deed's key.
CREATE TABLE order_paid (
  turn   BLOB NOT NULL,
  key    BLOB NOT NULL,
  hash   BLOB NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (turn, key, hash)
) STRICT, WITHOUT ROWID;

-- Who is to be paid for a reviewed order and was not yet.
CREATE TABLE order_due (
  turn     BLOB NOT NULL,
  key      BLOB NOT NULL,
  order_id TEXT NOT NULL,
  person   TEXT NOT NULL,
  points   INTEGER NOT NULL,
  PRIMARY KEY (turn, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX order_due_person ON order_due(person);
CREATE INDEX order_due_order ON order_due(order_id);

-- Orders as merchants see them.
CREATE TABLE order_job (
  order_id TEXT NOT NULL,
  offer    TEXT NOT NULL,
  path     TEXT NOT NULL,
  brief    BLOB NOT NULL DEFAULT x'',
  at       INTEGER NOT NULL DEFAULT 0,
  void     INTEGER NOT NULL DEFAULT 0,
  stars    INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (order_id, offer)
) STRICT, WITHOUT ROWID;
CREATE INDEX order_job_at ON order_job(at);

-- The library of projects, with what is counted beside it.
CREATE TABLE order_project (
  id     TEXT PRIMARY KEY,
  path   TEXT NOT NULL,
  made   INTEGER NOT NULL,
  name   TEXT NOT NULL DEFAULT '',
  type   TEXT NOT NULL DEFAULT '',
  note   TEXT NOT NULL DEFAULT '',
  item   TEXT NOT NULL DEFAULT '',
  closed INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE order_like (
  project TEXT NOT NULL,
  person  TEXT NOT NULL,
  at      INTEGER NOT NULL,
  PRIMARY KEY (project, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE order_team (
  id     TEXT PRIMARY KEY,
  path   TEXT NOT NULL,
  name   TEXT NOT NULL DEFAULT '',
  lead   TEXT NOT NULL DEFAULT '',
  closed INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE order_member (
  team   TEXT NOT NULL,
  person TEXT NOT NULL,
  since  INTEGER NOT NULL,
  PRIMARY KEY (team, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX order_member_person ON order_member(person);

CREATE TABLE order_survey (
  id       TEXT PRIMARY KEY,
  path     TEXT NOT NULL,
  made     INTEGER NOT NULL,
  operator TEXT NOT NULL,
  title    TEXT NOT NULL DEFAULT '',
  forms    INTEGER NOT NULL DEFAULT 0,
  rules    BLOB NOT NULL DEFAULT x'' -- what was asked of the rulebook: as written
) STRICT, WITHOUT ROWID;

CREATE TABLE order_tally (
  survey  TEXT NOT NULL,
  project TEXT NOT NULL,
  votes   INTEGER NOT NULL,
  PRIMARY KEY (survey, project)
) STRICT, WITHOUT ROWID;
