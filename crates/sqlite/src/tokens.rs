//! The token table.

use async_trait::async_trait;
use stentor_store::text::storable;
use stentor_store::{StoreError, Token, TokenHash, TokenKind, Tokens};

use crate::{SqliteStore, rows};

#[async_trait]
impl Tokens for SqliteStore {
    async fn put_token(&self, token: &Token) -> Result<(), StoreError> {
        let query = sqlx::query(
            "INSERT OR REPLACE INTO tokens (hash, kind, person, label, created_ms, expires_ms) \
             VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(token.hash.to_vec())
        .bind(token.kind.name())
        .bind(storable(&token.person).into_owned())
        .bind(storable(&token.label).into_owned())
        .bind(token.created_ms)
        .bind(token.expires_ms);
        self.writer.run(query).await.map(drop)
    }

    async fn token(
        &self,
        hash: &TokenHash,
        kind: TokenKind,
        now_ms: i64,
    ) -> Result<Option<Token>, StoreError> {
        let query = sqlx::query(
            "SELECT hash, kind, person, label, created_ms, expires_ms FROM tokens \
             WHERE hash = ? AND kind = ? AND expires_ms > ?",
        )
        .bind(hash.to_vec())
        .bind(kind.name())
        .bind(now_ms);
        rows::first(&self.read(query).await?, rows::token)
    }

    async fn take_token(
        &self,
        hash: &TokenHash,
        kind: TokenKind,
        now_ms: i64,
    ) -> Result<Option<Token>, StoreError> {
        let query = sqlx::query(
            "DELETE FROM tokens WHERE hash = ? AND kind = ? AND expires_ms > ? \
             RETURNING hash, kind, person, label, created_ms, expires_ms",
        )
        .bind(hash.to_vec())
        .bind(kind.name())
        .bind(now_ms);
        rows::first(&self.writer.run(query).await?, rows::token)
    }

    async fn tokens_of(&self, person: &str, kind: TokenKind) -> Result<Vec<Token>, StoreError> {
        let query = sqlx::query(
            "SELECT hash, kind, person, label, created_ms, expires_ms FROM tokens \
             WHERE person = ? AND kind = ? ORDER BY created_ms DESC, hash",
        )
        .bind(storable(person).into_owned())
        .bind(kind.name());
        rows::all(&self.read(query).await?, rows::token)
    }

    async fn sweep_tokens(&self, now_ms: i64) -> Result<u64, StoreError> {
        let query =
            sqlx::query("DELETE FROM tokens WHERE expires_ms <= ? RETURNING 1").bind(now_ms);
        Ok(self.writer.run(query).await?.len() as u64)
    }
}
