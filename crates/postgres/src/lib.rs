//! The storage engine for many nodes.
