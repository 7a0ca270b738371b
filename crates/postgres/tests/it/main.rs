//! The PostgreSQL engine against the store contract, and what only this engine can get wrong.

#![allow(clippy::unwrap_used)]

mod cluster;
mod connect;
mod contract;
mod faults;
mod proxy;
mod schema;
