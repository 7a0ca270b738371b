//! `stentor alertmanager` in the place of the real program, between real parts.

mod amtool;
mod bad_input;
mod cluster;
mod cors;
mod database;
mod disk;
mod drop_in;
mod limits;
mod power;
mod prometheus;
mod reload;
mod secrets;
mod sink;
mod start;
mod templates;
