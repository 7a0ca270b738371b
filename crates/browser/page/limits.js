// Upper bounds on everything that is read from a mirror, applied before parsing. The same as in crates/verify.

export const ROOT_BYTES = 512_000;
export const TIMESTAMP_BYTES = 16_384;
export const METADATA_BYTES = 8_000_000;
export const TARGET_BYTES = 8_000_000;
export const STATE_BYTES = 64_000_000;
export const KEPT_BYTES = 32_000_000;
export const AT_ONCE = 8;
export const TARGETS = 100_000;
export const DELEGATIONS = 64;
export const ROOT_ROTATIONS = 1_024;
export const JSON_DEPTH = 32;
export const PATH_BYTES = 512;
export const FINDINGS = 20;
export const PRESENT = ["index.html", "status.json", "status.txt", "directory.json"];

// Bounds of this page alone.
export const MIRRORS = 16;
export const FILE_SECONDS = 30;
export const PRESENT_SECONDS = 90;
