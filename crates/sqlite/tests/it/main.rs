//! The SQLite engine against the store contract, and what only this engine can get wrong.

mod contract;
mod faults;
mod file;
