-- What several nodes agree on. Only here: in the other engine one process uses the file and keeps both in memory, so it
-- has no 0002 (its user_version counts migrations, not numbers). The next migration is 0003 in both.
--
-- Logged tables, committed like everything else: a lease that a crash of the server forgot would be taken by another
-- node while its holder still relies on it.

CREATE TABLE leases (
  name text COLLATE "C" PRIMARY KEY,
  holder text COLLATE "C" NOT NULL,
  until timestamptz NOT NULL
);

CREATE TABLE members (
  node text COLLATE "C" PRIMARY KEY,
  address text COLLATE "C" NOT NULL,
  started_ms bigint NOT NULL,
  version text COLLATE "C" NOT NULL,
  kinds_version bigint NOT NULL,
  until timestamptz NOT NULL
);
