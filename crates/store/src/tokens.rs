//! Sign-in links, sessions and API tokens: stored as hashes, never as themselves.

use async_trait::async_trait;

use crate::StoreError;

/// SHA-256 of a token of at least 128 random bits. A plain hash is enough for such entropy (OWASP ASVS 6.5.2).
pub type TokenHash = [u8; 32];

/// What a token opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A link that signs in once.
    SignIn,
    /// A browser session.
    Session,
    /// An API token.
    Api,
}

impl TokenKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::SignIn, Self::Session, Self::Api];

    /// The name used in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Session => "session",
            Self::Api => "api",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A stored token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its hash.
    pub hash: TokenHash,
    /// What it opens.
    pub kind: TokenKind,
    /// Who holds it.
    pub person: String,
    /// What it is for, as its holder named it.
    pub label: String,
    /// Milliseconds since the epoch.
    pub created_ms: i64,
    /// Milliseconds since the epoch.
    pub expires_ms: i64,
}

/// The token table.
#[async_trait]
pub trait Tokens: Send + Sync {
    /// Stores a token durably, replacing one with the same hash.
    async fn put_token(&self, token: &Token) -> Result<(), StoreError>;

    /// The unexpired token with this hash and kind.
    async fn token(
        &self,
        hash: &TokenHash,
        kind: TokenKind,
        now_ms: i64,
    ) -> Result<Option<Token>, StoreError>;

    /// Takes an unexpired token away and returns it; of two takers exactly one gets it.
    async fn take_token(
        &self,
        hash: &TokenHash,
        kind: TokenKind,
        now_ms: i64,
    ) -> Result<Option<Token>, StoreError>;

    /// A person's tokens of a kind (to list and revoke them), newest first.
    async fn tokens_of(&self, person: &str, kind: TokenKind) -> Result<Vec<Token>, StoreError>;

    /// Deletes what has expired; returns how many.
    async fn sweep_tokens(&self, now_ms: i64) -> Result<u64, StoreError>;
}
