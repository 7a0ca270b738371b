//! One file a channel: how a message reaches a person.
//!
//! A channel is a small adapter without memory: it takes a [`Message`] and an [`Address`], makes one attempt and says
//! how it ended. Who retries, when, and what is recorded is the business of the engine, helped by [`backoff`] and
//! [`breaker`]. Every attempt at a message carries the same outward key, so a repeat is recognised as one by whoever
//! receives it.

mod address;
pub mod backoff;
pub mod breaker;
mod channel;
mod clean;
pub mod email;
pub mod group;
mod message;
pub mod secret;
pub mod signature;
pub mod webhook;

pub use address::{Address, BadAddress};
pub use channel::{Channel, Outcome};
pub use message::{BadKey, Key, Message};
