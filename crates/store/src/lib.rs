//! The storage ports and their contracts.
