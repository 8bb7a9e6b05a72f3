-- Rows of the shop. Every row is a function of the records and ledger entries
-- that are here.

-- What a place offers.
CREATE TABLE shop_offer (
  id      TEXT PRIMARY KEY,
  place   TEXT NOT NULL,
  name    TEXT NOT NULL DEFAULT '',
  unit    TEXT NOT NULL DEFAULT '',
  kind    TEXT NOT NULL DEFAULT 'goods',
  points  INTEGER NOT NULL DEFAULT 0,
  minimum INTEGER NOT NULL DEFAULT 0,
  icon    TEXT NOT NULL DEFAULT '',
  active  INTEGER NOT NULL DEFAULT 0,
  code    TEXT NOT NULL DEFAULT '',
  cost    INTEGER NOT NULL DEFAULT 0,  -- what a piece costs the community, fen
  photo   TEXT NOT NULL DEFAULT '',    -- the hash of its picture
  at      INTEGER NOT NULL DEFAULT 0   -- when its name, points or place on the shelf changed last
) STRICT, WITHOUT ROWID;
CREATE INDEX shop_offer_place ON shop_offer(place, name);

-- What a place says of itself.
CREATE TABLE shop_place (
  place   TEXT PRIMARY KEY,
  address TEXT NOT NULL DEFAULT '',
  hours   TEXT NOT NULL DEFAULT '',
  terms   BLOB NOT NULL DEFAULT x''  -- the discounts that it gives
) STRICT, WITHOUT ROWID;

-- Every price that an offer had, with the time of the change: old receipts show
-- the price of their day.
CREATE TABLE shop_price (
  offer  TEXT NOT NULL,
  at     INTEGER NOT NULL,
  actor  TEXT NOT NULL,
  points INTEGER NOT NULL,
  PRIMARY KEY (offer, at, actor)
) STRICT, WITHOUT ROWID;

-- Goods set aside, and a row for each of their lines.
CREATE TABLE shop_reserve (
  id     TEXT PRIMARY KEY,
  place  TEXT NOT NULL,
  person TEXT NOT NULL DEFAULT '',
  at     INTEGER NOT NULL DEFAULT 0,
  state  TEXT NOT NULL DEFAULT 'open',
  points INTEGER NOT NULL DEFAULT 0,  -- of an order from a phone: set aside with the goods
  device TEXT NOT NULL DEFAULT ''     -- of such an order: the incarnation that holds them
) STRICT, WITHOUT ROWID;
CREATE INDEX shop_reserve_person ON shop_reserve(person);
CREATE TABLE shop_reserve_line (
  reserve TEXT NOT NULL,
  n       INTEGER NOT NULL,
  offer   TEXT NOT NULL,
  pieces  INTEGER NOT NULL,
  PRIMARY KEY (reserve, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX shop_reserve_line_offer ON shop_reserve_line(offer);

-- Redemptions, by ledger transaction, and their goods. Those of a branch stand among
-- them. Whether one was undone is the ledger's to say.
CREATE TABLE shop_receipt (
  hash     BLOB PRIMARY KEY,
  id       TEXT NOT NULL,  -- a gift's or order's own; two copies of a device may redeem one twice
  actor    TEXT NOT NULL,
  doc      TEXT NOT NULL,
  seq      INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  person   TEXT NOT NULL,
  points   INTEGER NOT NULL,
  operator TEXT NOT NULL,
  proof    TEXT NOT NULL DEFAULT '',  -- how the holder was proven: pin, keeper
  less     TEXT NOT NULL DEFAULT ''   -- what was given off the price, and for what
) STRICT, WITHOUT ROWID;
CREATE INDEX shop_receipt_id ON shop_receipt(id);
CREATE INDEX shop_receipt_at ON shop_receipt(at);
CREATE INDEX shop_receipt_actor ON shop_receipt(actor, at);

-- Ids that more than one redemption has, so that alarms need not look through all.
CREATE TABLE shop_twice (
  id TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
CREATE TABLE shop_line (
  hash  BLOB NOT NULL,
  n     INTEGER NOT NULL,
  offer TEXT NOT NULL,
  n_of  INTEGER NOT NULL,
  PRIMARY KEY (hash, n)
) STRICT, WITHOUT ROWID;

-- Award days, and what each person gets on them.
CREATE TABLE shop_day (
  id     TEXT PRIMARY KEY,
  place  TEXT NOT NULL,
  title  TEXT NOT NULL DEFAULT '',
  at     INTEGER NOT NULL DEFAULT 0,
  device TEXT NOT NULL DEFAULT ''  -- the incarnation that redeems
) STRICT, WITHOUT ROWID;
CREATE INDEX shop_day_place ON shop_day(place, at);
CREATE TABLE shop_gift (
  id       TEXT PRIMARY KEY,
  place    TEXT NOT NULL,
  day      TEXT NOT NULL DEFAULT '',
  person   TEXT NOT NULL DEFAULT '',
  state    TEXT NOT NULL DEFAULT 'listed',
  home     INTEGER NOT NULL DEFAULT 0,
  given    INTEGER NOT NULL DEFAULT 0,
  given_by TEXT NOT NULL DEFAULT '',
  receipt  BLOB NOT NULL DEFAULT x'',
  paid     BLOB NOT NULL DEFAULT x''  -- what its lines came to, once it is redeemed
) STRICT, WITHOUT ROWID;
CREATE INDEX shop_gift_day ON shop_gift(day);
CREATE TABLE shop_gift_line (
  gift   TEXT NOT NULL,
  n      INTEGER NOT NULL,
  offer  TEXT NOT NULL,
  pieces INTEGER NOT NULL,
  PRIMARY KEY (gift, n)
) STRICT, WITHOUT ROWID;

-- Stock that came, was counted or adjusted, redeemed or given back, by ledger
-- transaction and entry.
CREATE TABLE shop_move (
  hash     BLOB NOT NULL,
  n        INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  offer    TEXT NOT NULL,
  pieces   INTEGER NOT NULL,
  why      TEXT NOT NULL,
  operator TEXT NOT NULL,
  kind     TEXT NOT NULL,  -- '', redeem, undo
  PRIMARY KEY (hash, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX shop_move_offer ON shop_move(offer, at);
