//! Writes the public word to places of every kind: a directory, an object store, WebDAV, HTTP PUT, a git branch, SFTP
//! and rsync. Each keeps the order that readers rely on; which files there are is none of its business.
//!
//! HTTP leaves through `stentor-egress` alone. git, ssh and rsync are the programs people know and patch: they are
//! started without a shell, with an environment of their own, and are killed with their children when they take too
//! long. Like the mail server, the machines they talk to are named by the operator and by nobody else.

mod content;
mod git;
mod http;
mod open;
mod program;
mod put;
mod remote;
mod rsync;
mod s3;
mod sftp;
mod ssh;
mod unusable;
mod waves;
mod web;
mod webdav;

pub use open::{Clock, OpenError, Surroundings, open};
pub use stentor_publish::LocalMirror;
pub use unusable::unusable;
pub use web::{Missing, Web};
