//! Verification of the public word: TUF, and a verdict about freshness.
