//! What the templates see: text that is safe to place, times already in words.

mod affair;
mod directory;
mod frame;
mod history;
mod page;
mod services;

pub(super) use affair::{Affair, Kind, Statement, stem_of_incident};
pub(super) use directory::Official;
pub(super) use frame::Frame;
pub(super) use history::History;
pub(super) use page::{Clock, Index, headline, in_progress, worst};
pub(super) use services::{Records, grouped};
