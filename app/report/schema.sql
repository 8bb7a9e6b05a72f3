-- Rows of reports. Every row is a function of the records that are here, whatever
-- the order in which they came. Communities are ids as text, hashes 32 bytes.

-- Every report that reads and verifies, also one that was replaced.
CREATE TABLE report_got (
  hash      BLOB PRIMARY KEY,
  community TEXT NOT NULL,
  device    BLOB NOT NULL,   -- who signed
  month     TEXT NOT NULL,
  number    INTEGER NOT NULL,
  made      INTEGER NOT NULL,
  value     BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX report_got_month ON report_got(month, community);

-- Devices whose reports count, by community: a main device that was replaced keeps
-- its row, so that its reports go on counting.
CREATE TABLE report_member (
  community    TEXT NOT NULL,
  device       BLOB NOT NULL,
  at           INTEGER NOT NULL,
  introduction TEXT NOT NULL,
  level        TEXT NOT NULL,
  via          TEXT NOT NULL,
  off          INTEGER NOT NULL,
  PRIMARY KEY (community, device)
) STRICT, WITHOUT ROWID;

-- What was entered by hand, by month.
CREATE TABLE report_hand (
  month TEXT PRIMARY KEY,
  at    INTEGER NOT NULL,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- When a community was last reminded of a month.
CREATE TABLE report_urge (
  month     TEXT NOT NULL,
  community TEXT NOT NULL,
  at        INTEGER NOT NULL,
  PRIMARY KEY (month, community)
) STRICT, WITHOUT ROWID;
