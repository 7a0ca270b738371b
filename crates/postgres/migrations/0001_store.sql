-- Text compares by its bytes (COLLATE "C"), whatever the database's language, as in the other engine.

CREATE TABLE head (
  one bigint PRIMARY KEY CHECK (one = 1),
  seq bigint NOT NULL,
  hash bytea NOT NULL
);
INSERT INTO head (one, seq, hash) VALUES (1, 0, decode(repeat('00', 32), 'hex'));

CREATE TABLE entries (
  seq bigint PRIMARY KEY CHECK (seq > 0),
  time_ms bigint NOT NULL,
  world text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  digest bytea NOT NULL,
  hash bytea NOT NULL
);

-- Apart from the headers, so that a payload can be erased while the chain stays as it is.
CREATE TABLE payloads (
  seq bigint PRIMARY KEY REFERENCES entries (seq),
  salt bytea,
  bytes bytea,
  erased_by bigint,
  CHECK ((salt IS NULL) = (bytes IS NULL) AND (bytes IS NULL) <> (erased_by IS NULL))
);

-- What is large was compressed before it came here.
ALTER TABLE payloads ALTER bytes SET STORAGE EXTERNAL;

CREATE TABLE outbox (
  key text COLLATE "C" PRIMARY KEY,
  world text COLLATE "C" NOT NULL,
  lane text COLLATE "C" NOT NULL,
  body text COLLATE "C" NOT NULL,
  created_ms bigint NOT NULL,
  next_try_ms bigint NOT NULL,
  attempts bigint NOT NULL,
  lease_holder text COLLATE "C",
  lease_until_ms bigint NOT NULL,
  last_error text COLLATE "C"
);
CREATE INDEX outbox_due ON outbox (world, lane, next_try_ms, key);

CREATE TABLE timeline (
  world text COLLATE "C" NOT NULL,
  incident bigint NOT NULL,
  seq bigint NOT NULL,
  line bigint NOT NULL,
  time_ms bigint NOT NULL,
  kind text COLLATE "C" NOT NULL,
  actor text COLLATE "C",
  text text COLLATE "C" NOT NULL,
  PRIMARY KEY (world, incident, seq, line)
);

CREATE TABLE incidents (
  world text COLLATE "C" NOT NULL,
  id bigint NOT NULL,
  service text COLLATE "C" NOT NULL,
  severity text COLLATE "C" NOT NULL,
  phase text COLLATE "C" NOT NULL,
  opened_ms bigint NOT NULL,
  closed_ms bigint,
  title text COLLATE "C" NOT NULL,
  data text COLLATE "C" NOT NULL,
  PRIMARY KEY (world, id)
);

CREATE TABLE idempotency (
  key text COLLATE "C" PRIMARY KEY,
  request text COLLATE "C" NOT NULL,
  answer text COLLATE "C" NOT NULL,
  time_ms bigint NOT NULL
);
CREATE INDEX idempotency_time ON idempotency (time_ms);

CREATE TABLE people (
  person text COLLATE "C" PRIMARY KEY,
  email text COLLATE "C",
  webhook_url text COLLATE "C",
  webhook_secret text COLLATE "C"
);

CREATE TABLE tokens (
  hash bytea PRIMARY KEY,
  kind text COLLATE "C" NOT NULL,
  person text COLLATE "C" NOT NULL,
  label text COLLATE "C" NOT NULL,
  created_ms bigint NOT NULL,
  expires_ms bigint NOT NULL
);
CREATE INDEX tokens_person ON tokens (person, kind);
CREATE INDEX tokens_expiry ON tokens (expires_ms);

CREATE TABLE inbox (
  world text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  time_ms bigint NOT NULL,
  person text COLLATE "C" NOT NULL,
  channel text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  body text COLLATE "C" NOT NULL,
  PRIMARY KEY (world, key)
);
CREATE INDEX inbox_time ON inbox (world, time_ms, key);

CREATE TABLE snapshots (
  fold_version bigint NOT NULL,
  seq bigint NOT NULL,
  hash bytea NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (fold_version, seq)
);
ALTER TABLE snapshots ALTER bytes SET STORAGE EXTERNAL;
