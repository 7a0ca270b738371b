//! One file a channel: how a message reaches a person.
