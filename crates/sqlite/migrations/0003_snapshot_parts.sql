-- Snapshots in parts: a large one in one transaction would hold up every commit meanwhile. Those of before are caches of a
-- state that is written otherwise now.
DROP TABLE snapshots;

-- One row for each snapshot that is whole.
CREATE TABLE snapshots (
  fold_version INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  hash BLOB NOT NULL,
  -- Drawn for each writing, so that two processes never mix their parts.
  id TEXT NOT NULL,
  parts INTEGER NOT NULL,
  PRIMARY KEY (fold_version, seq)
) STRICT;

CREATE TABLE snapshot_parts (
  id TEXT NOT NULL,
  part INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (id, part)
) STRICT;
