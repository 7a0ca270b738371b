//! The token table.

use async_trait::async_trait;
use stentor_store::text::storable;
use stentor_store::{StoreError, Token, TokenHash, TokenKind, Tokens};

use crate::{PostgresStore, rows};

#[async_trait]
impl Tokens for PostgresStore {
    async fn put_token(&self, token: &Token) -> Result<(), StoreError> {
        let query = sqlx::query(
            "INSERT INTO tokens (hash, kind, person, label, created_ms, expires_ms) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (hash) DO UPDATE SET \
             kind = excluded.kind, person = excluded.person, label = excluded.label, \
             created_ms = excluded.created_ms, expires_ms = excluded.expires_ms",
        )
        .bind(token.hash.to_vec())
        .bind(token.kind.name())
        .bind(storable(&token.person).into_owned())
        .bind(storable(&token.label).into_owned())
        .bind(token.created_ms)
        .bind(token.expires_ms);
        self.run(query).await.map(drop)
    }

    async fn token(
        &self,
        hash: &TokenHash,
        kind: TokenKind,
        now_ms: i64,
    ) -> Result<Option<Token>, StoreError> {
        let query = sqlx::query(
            "SELECT hash, kind, person, label, created_ms, expires_ms FROM tokens \
             WHERE hash = $1 AND kind = $2 AND expires_ms > $3",
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
            "DELETE FROM tokens WHERE hash = $1 AND kind = $2 AND expires_ms > $3 \
             RETURNING hash, kind, person, label, created_ms, expires_ms",
        )
        .bind(hash.to_vec())
        .bind(kind.name())
        .bind(now_ms);
        rows::first(&self.run(query).await?, rows::token)
    }

    async fn tokens_of(&self, person: &str, kind: TokenKind) -> Result<Vec<Token>, StoreError> {
        let query = sqlx::query(
            "SELECT hash, kind, person, label, created_ms, expires_ms FROM tokens \
             WHERE person = $1 AND kind = $2 ORDER BY created_ms DESC, hash",
        )
        .bind(storable(person).into_owned())
        .bind(kind.name());
        rows::all(&self.read(query).await?, rows::token)
    }

    async fn sweep_tokens(&self, now_ms: i64) -> Result<u64, StoreError> {
        let query =
            sqlx::query("DELETE FROM tokens WHERE expires_ms <= $1 RETURNING 1").bind(now_ms);
        Ok(self.run(query).await?.len() as u64)
    }
}
