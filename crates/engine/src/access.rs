//! Who may come in: sign-in links that work once, browser sessions, API tokens. All are stored as hashes only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use stentor_domain::ids::PersonId;
use stentor_store::{StoreError, Token, TokenKind};

use crate::engine::Engine;
use crate::idempotency::Idempotency;
pub use crate::secret::Secret;

/// How long a sign-in link works, in milliseconds: one hour.
pub const SIGN_IN_MS: i64 = 3_600_000;

/// How long a session lasts after it was last used, in milliseconds: twelve hours.
pub const SESSION_MS: i64 = 12 * 3_600_000;

/// A session ends this long after signing in, however much it is used, in milliseconds: seven days.
pub const SESSION_AT_MOST_MS: i64 = 7 * 86_400_000;

/// A session is renewed at most this often, in milliseconds: each renewal is a commit.
const RENEW_EVERY_MS: i64 = 600_000;

/// How long an API token lives at most, in milliseconds: one year.
pub const API_TOKEN_MS: i64 = 365 * 86_400_000;

/// What every API token begins with, so that scanners of leaked secrets recognise one.
pub const API_PREFIX: &str = "stentor_";

/// No token of ours is longer; anything longer is refused before it is hashed.
const MAX_TOKEN_BYTES: usize = 128;

/// A browser session that is in force.
#[derive(Clone, Debug)]
pub struct Session {
    /// Whose.
    pub person: PersonId,
    /// What each form of this session must carry.
    pub csrf: String,
}

/// An API token as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Names it without opening anything: the beginning of its hash.
    pub id: String,
    /// Whose.
    pub person: PersonId,
    /// What it is for.
    pub label: String,
    /// Milliseconds since the epoch.
    pub created_ms: i64,
    /// Milliseconds since the epoch.
    pub expires_ms: i64,
}

impl Engine {
    /// Makes a link's last part that signs a person in, once, within an hour.
    ///
    /// # Errors
    /// The database fails.
    pub async fn issue_sign_in(&self, person: &PersonId) -> Result<Secret, StoreError> {
        let secret = Secret::draw("");
        self.put(&secret, TokenKind::SignIn, person, "", SIGN_IN_MS)
            .await?;
        Ok(secret)
    }

    /// Takes a sign-in link and starts a session; `None` when it was used, expired or never existed.
    ///
    /// # Errors
    /// The database fails.
    pub async fn sign_in(&self, link: &str) -> Result<Option<(PersonId, Secret)>, StoreError> {
        if link.len() > MAX_TOKEN_BYTES {
            return Ok(None);
        }
        let now_ms = self.clock().now_ms();
        let taken = self
            .store()
            .take_token(&Secret::hash(link), TokenKind::SignIn, now_ms)
            .await?;
        let Some(person) = taken.and_then(|t| self.known(&t.person)) else {
            return Ok(None);
        };
        let session = Secret::draw("");
        self.put(&session, TokenKind::Session, &person, "", SESSION_MS)
            .await?;
        // What has expired opens nothing; this only keeps the table small, and signing in is rare enough.
        if let Err(error) = self.store().sweep_tokens(now_ms).await {
            tracing::warn!(error = %error, "expired tokens were not swept");
        }
        Ok(Some((person, session)))
    }

    /// The session that a cookie names, renewed. A person who is no longer configured has none.
    ///
    /// # Errors
    /// The database fails.
    pub async fn session(&self, cookie: &str) -> Result<Option<Session>, StoreError> {
        let Some(mut token) = self.find(cookie, TokenKind::Session).await? else {
            return Ok(None);
        };
        let Some(person) = self.known(&token.person) else {
            return Ok(None);
        };
        let now_ms = self.clock().now_ms();
        let expires_ms = (now_ms + SESSION_MS).min(token.created_ms + SESSION_AT_MOST_MS);
        if expires_ms - token.expires_ms >= RENEW_EVERY_MS {
            token.expires_ms = expires_ms;
            // The session holds until its earlier end all the same, so a database that cannot write is no reason to
            // send somebody away.
            if let Err(error) = self.store().put_token(&token).await {
                tracing::warn!(error = %error, "a session was not renewed");
            }
        }
        let csrf = csrf_of(cookie);
        Ok(Some(Session { person, csrf }))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// The database fails.
    pub async fn sign_out(&self, cookie: &str) -> Result<(), StoreError> {
        let now_ms = self.clock().now_ms();
        let hash = Secret::hash(cookie);
        let taken = self.store().take_token(&hash, TokenKind::Session, now_ms);
        taken.await.map(drop)
    }

    /// Makes an API token. Its secret is told once and cannot be read again, except by whoever repeats this very
    /// request: it derives from the instance key and the request, so a repeat makes the same token.
    ///
    /// # Errors
    /// The database fails.
    pub async fn issue_api_token(
        &self,
        person: &PersonId,
        label: &str,
        lives_ms: i64,
        once: &Idempotency,
    ) -> Result<(Secret, ApiToken), StoreError> {
        let [key, request] = once.parts();
        let bytes = self.shared.key.mac(&[b"api token", key, request]);
        let secret = Secret::derived(API_PREFIX, &bytes);
        let token = match self.find(secret.reveal(), TokenKind::Api).await? {
            Some(token) => token,
            None => {
                let lives_ms = lives_ms.clamp(0, API_TOKEN_MS);
                self.put(&secret, TokenKind::Api, person, label, lives_ms)
                    .await?
            }
        };
        Ok((secret, listed(token)))
    }

    /// Whose API token this is.
    ///
    /// # Errors
    /// The database fails.
    pub async fn api_person(&self, bearer: &str) -> Result<Option<PersonId>, StoreError> {
        if !bearer.starts_with(API_PREFIX) {
            return Ok(None);
        }
        let found = self.find(bearer, TokenKind::Api).await?;
        Ok(found.and_then(|t| self.known(&t.person)))
    }

    /// The API tokens of everybody who is configured; of expired ones, those that were not swept yet.
    ///
    /// # Errors
    /// The database fails.
    pub async fn api_tokens(&self) -> Result<Vec<ApiToken>, StoreError> {
        let tokens = self.stored_api_tokens().await?;
        Ok(tokens.into_iter().map(listed).collect())
    }

    /// Ends an API token; false when there is none of that id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn revoke_api_token(&self, id: &str) -> Result<bool, StoreError> {
        let tokens = self.stored_api_tokens().await?;
        let Some(token) = tokens.iter().find(|t| token_id(t) == id) else {
            return Ok(false);
        };
        // An expired token is found too: it is taken as of a moment at which it lived.
        let at_ms = token.expires_ms - 1;
        let taken = self.store().take_token(&token.hash, TokenKind::Api, at_ms);
        Ok(taken.await?.is_some())
    }

    async fn stored_api_tokens(&self) -> Result<Vec<Token>, StoreError> {
        let people: Vec<PersonId> = self.read(|state| {
            let organisation = state.organisation();
            organisation.map_or_else(Vec::new, |o| o.people.keys().cloned().collect())
        });
        let mut tokens = Vec::new();
        for person in people {
            tokens.extend(
                self.store()
                    .tokens_of(person.as_str(), TokenKind::Api)
                    .await?,
            );
        }
        Ok(tokens)
    }

    async fn put(
        &self,
        secret: &Secret,
        kind: TokenKind,
        person: &PersonId,
        label: &str,
        lives_ms: i64,
    ) -> Result<Token, StoreError> {
        let now_ms = self.clock().now_ms();
        let token = Token {
            hash: Secret::hash(secret.reveal()),
            kind,
            person: person.to_string(),
            label: label.to_owned(),
            created_ms: now_ms,
            expires_ms: now_ms + lives_ms,
        };
        self.store().put_token(&token).await?;
        Ok(token)
    }

    async fn find(&self, text: &str, kind: TokenKind) -> Result<Option<Token>, StoreError> {
        if text.is_empty() || text.len() > MAX_TOKEN_BYTES {
            return Ok(None);
        }
        let now_ms = self.clock().now_ms();
        self.store().token(&Secret::hash(text), kind, now_ms).await
    }

    /// Whoever leaves the configuration can no longer come in, whatever tokens are left.
    fn known(&self, person: &str) -> Option<PersonId> {
        self.read(|state| {
            let people = &state.organisation()?.people;
            people.get_key_value(person).map(|(id, _)| id.clone())
        })
    }
}

fn token_id(token: &Token) -> String {
    hex::encode(&token.hash[..8])
}

fn listed(token: Token) -> ApiToken {
    ApiToken {
        id: token_id(&token),
        person: PersonId::from(token.person.as_str()),
        label: token.label,
        created_ms: token.created_ms,
        expires_ms: token.expires_ms,
    }
}

/// Derived from the session's secret: needs no storage and dies with the session.
fn csrf_of(session: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(session.as_bytes())
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(b"stentor form");
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}
