//! Upper bounds on everything that is read from a mirror, applied before parsing.

/// Bytes of one root metadata file.
pub const ROOT_BYTES: u64 = 512_000;
/// Bytes of `timestamp.json`.
pub const TIMESTAMP_BYTES: u64 = 16_384;
/// Bytes of any other metadata file.
pub const METADATA_BYTES: u64 = 8_000_000;
/// Bytes of one signed target, whatever its metadata says.
pub const TARGET_BYTES: u64 = 8_000_000;
/// Bytes of the remembered state: a root chain, a timestamp and a snapshot.
pub const STATE_BYTES: u64 = 64_000_000;
/// Bytes of all files of the present together, which are kept in memory.
pub const KEPT_BYTES: u64 = 32_000_000;
/// Files asked for at once.
pub const AT_ONCE: usize = 8;
/// Signed targets of one repository.
pub const TARGETS: usize = 100_000;
/// Delegated roles of one repository.
pub const DELEGATIONS: usize = 64;
/// Root rotations walked in one run.
pub const ROOT_ROTATIONS: u32 = 1_024;
/// Nesting of JSON arrays and objects.
pub const JSON_DEPTH: usize = 32;
/// Bytes of a target path.
pub const PATH_BYTES: usize = 512;
/// Problems listed in a report; the rest is counted.
pub const FINDINGS: usize = 20;

/// The files by which a reader knows the present: what people and programs read first, and what is really the
/// publisher's. A telephone loads little more.
pub const PRESENT: [&str; 4] = ["index.html", "status.json", "status.txt", "directory.json"];
