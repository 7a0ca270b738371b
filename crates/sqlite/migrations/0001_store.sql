CREATE TABLE head (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  seq INTEGER NOT NULL,
  hash BLOB NOT NULL
) STRICT;
INSERT INTO head (one, seq, hash) VALUES (1, 0, zeroblob(32));

CREATE TABLE entries (
  seq INTEGER PRIMARY KEY CHECK (seq > 0),
  time_ms INTEGER NOT NULL,
  world TEXT NOT NULL,
  kind TEXT NOT NULL,
  version INTEGER NOT NULL,
  digest BLOB NOT NULL,
  hash BLOB NOT NULL
) STRICT;

-- Apart from the headers, so that a payload can be erased while the chain stays as it is.
CREATE TABLE payloads (
  seq INTEGER PRIMARY KEY REFERENCES entries (seq),
  salt BLOB,
  bytes BLOB,
  erased_by INTEGER,
  CHECK ((salt IS NULL) = (bytes IS NULL) AND (bytes IS NULL) <> (erased_by IS NULL))
) STRICT;

CREATE TABLE outbox (
  key TEXT PRIMARY KEY,
  world TEXT NOT NULL,
  lane TEXT NOT NULL,
  body TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  next_try_ms INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  lease_holder TEXT,
  lease_until_ms INTEGER NOT NULL,
  last_error TEXT
) STRICT;
CREATE INDEX outbox_due ON outbox (world, lane, next_try_ms, key);

CREATE TABLE timeline (
  world TEXT NOT NULL,
  incident INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  line INTEGER NOT NULL,
  time_ms INTEGER NOT NULL,
  kind TEXT NOT NULL,
  actor TEXT,
  text TEXT NOT NULL,
  PRIMARY KEY (world, incident, seq, line)
) STRICT, WITHOUT ROWID;

CREATE TABLE incidents (
  world TEXT NOT NULL,
  id INTEGER NOT NULL,
  service TEXT NOT NULL,
  severity TEXT NOT NULL,
  phase TEXT NOT NULL,
  opened_ms INTEGER NOT NULL,
  closed_ms INTEGER,
  title TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (world, id)
) STRICT;

CREATE TABLE idempotency (
  key TEXT PRIMARY KEY,
  request TEXT NOT NULL,
  answer TEXT NOT NULL,
  time_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX idempotency_time ON idempotency (time_ms);

CREATE TABLE people (
  person TEXT PRIMARY KEY,
  email TEXT,
  webhook_url TEXT,
  webhook_secret TEXT
) STRICT;

CREATE TABLE tokens (
  hash BLOB PRIMARY KEY,
  kind TEXT NOT NULL,
  person TEXT NOT NULL,
  label TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX tokens_person ON tokens (person, kind);
CREATE INDEX tokens_expiry ON tokens (expires_ms);

CREATE TABLE inbox (
  world TEXT NOT NULL,
  key TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  person TEXT NOT NULL,
  channel TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (world, key)
) STRICT;
CREATE INDEX inbox_time ON inbox (world, time_ms, key);

CREATE TABLE snapshots (
  fold_version INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  hash BLOB NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (fold_version, seq)
) STRICT;
