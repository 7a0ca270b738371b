//! The schema and its migrations, applied in one transaction under an advisory lock.

use sqlx::PgPool;
use stentor_store::StoreError;

use crate::error::{committing, uncommitted};
use crate::rows;

/// In order; the table `stentor_schema` counts how many were applied.
const MIGRATIONS: [&str; 2] = [
    include_str!("../migrations/0001_store.sql"),
    include_str!("../migrations/0002_cluster.sql"),
];

/// Brings the schema to this program's version; nodes that start together wait for each other.
pub(crate) async fn migrate(pool: &PgPool) -> Result<(), StoreError> {
    let mut transaction = pool.begin().await.map_err(uncommitted)?;
    sqlx::raw_sql(
        // The number is the text "stentor" in ASCII.
        "SELECT pg_advisory_xact_lock(32497601315368818); \
         CREATE TABLE IF NOT EXISTS stentor_schema (version bigint NOT NULL); \
         INSERT INTO stentor_schema SELECT 0 WHERE NOT EXISTS (SELECT FROM stentor_schema)",
    )
    .execute(&mut *transaction)
    .await
    .map_err(uncommitted)?;
    let found = sqlx::query("SELECT version FROM stentor_schema")
        .fetch_all(&mut *transaction)
        .await
        .map_err(uncommitted)?;
    let version = rows::first(&found, rows::number)?.unwrap_or(0);
    let applied = usize::try_from(version)
        .ok()
        .filter(|applied| *applied <= MIGRATIONS.len())
        .ok_or_else(|| {
            StoreError::Unsuitable(format!(
                "the schema has version {version}, newer than this program's {}; use the newer program",
                MIGRATIONS.len()
            ))
        })?;
    for sql in &MIGRATIONS[applied..] {
        sqlx::raw_sql(*sql)
            .execute(&mut *transaction)
            .await
            .map_err(uncommitted)?;
    }
    if applied < MIGRATIONS.len() {
        sqlx::query("UPDATE stentor_schema SET version = $1")
            .bind(MIGRATIONS.len() as i64)
            .execute(&mut *transaction)
            .await
            .map_err(uncommitted)?;
    }
    transaction.commit().await.map_err(committing)
}
