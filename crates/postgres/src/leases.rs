//! The lease table; each operation is one statement that commits by itself.
//!
//! The clock is `clock_timestamp()`, not `now()`: it goes on while a statement waits for another's row lock. Commits are
//! synced, although a lease is worthless after a while: renewals that a crash of the server forgot would free a lease
//! on which its holder still relies.

use async_trait::async_trait;
use stentor_store::text::storable;
use stentor_store::{Leases, StoreError, term_ms};

use crate::{PostgresStore, rows};

#[async_trait]
impl Leases for PostgresStore {
    async fn hold(&self, name: &str, holder: &str, for_ms: i64) -> Result<bool, StoreError> {
        let query = sqlx::query(
            "INSERT INTO leases AS held (name, holder, until) \
             VALUES ($1, $2, clock_timestamp() + $3 * interval '1 millisecond') \
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, \
             until = clock_timestamp() + $3 * interval '1 millisecond' \
             WHERE held.holder = excluded.holder OR held.until <= clock_timestamp() RETURNING 1",
        )
        .bind(storable(name).into_owned())
        .bind(storable(holder).into_owned())
        .bind(term_ms(for_ms));
        Ok(!self.run(query).await?.is_empty())
    }

    async fn release(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        let query = sqlx::query("DELETE FROM leases WHERE name = $1 AND holder = $2")
            .bind(storable(name).into_owned())
            .bind(storable(holder).into_owned());
        self.run(query).await.map(drop)
    }

    async fn holder(&self, name: &str) -> Result<Option<String>, StoreError> {
        let query =
            sqlx::query("SELECT holder FROM leases WHERE name = $1 AND until > clock_timestamp()")
                .bind(storable(name).into_owned());
        rows::first(&self.read(query).await?, rows::text)
    }
}
