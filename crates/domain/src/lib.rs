//! Stentor's vocabulary and decisions: pure functions over plain values.
