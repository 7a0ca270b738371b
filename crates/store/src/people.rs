//! How people are reached. Kept outside the journal and the configuration bundle so that it can be erased.

use async_trait::async_trait;

use crate::StoreError;

/// A person's contact details. Which people exist, and their roles, is configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The person's id in the configuration.
    pub person: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Where to post signed webhooks.
    pub webhook_url: Option<String>,
    /// The reference to the secret that signs them (never the secret itself).
    pub webhook_secret: Option<String>,
}

/// The people table.
#[async_trait]
pub trait People: Send + Sync {
    /// Inserts or replaces the given people.
    async fn put_contacts(&self, contacts: &[Contact]) -> Result<(), StoreError>;

    /// One person, if known.
    async fn contact(&self, person: &str) -> Result<Option<Contact>, StoreError>;

    /// Everybody, by id.
    async fn contacts(&self) -> Result<Vec<Contact>, StoreError>;

    /// Forgets a person's details; true when there was something to forget.
    async fn erase_contact(&self, person: &str) -> Result<bool, StoreError>;
}
