-- Requests to correct a transaction, by its hash. asked, off and no are times in
-- milliseconds, 0 for never; the latest holds. Rows are a function of the records.
CREATE TABLE correction_request (
  hash   BLOB PRIMARY KEY,
  person BLOB NOT NULL DEFAULT x'',
  author BLOB NOT NULL DEFAULT x'',   -- the incarnation that wrote the transaction
  asked  INTEGER NOT NULL DEFAULT 0,
  by     TEXT NOT NULL DEFAULT '',
  reason BLOB NOT NULL DEFAULT x'',
  off    INTEGER NOT NULL DEFAULT 0,  -- withdrawn
  no     INTEGER NOT NULL DEFAULT 0,  -- refused
  code   TEXT NOT NULL DEFAULT ''     -- why
) STRICT, WITHOUT ROWID;
CREATE INDEX correction_request_author ON correction_request(author);
