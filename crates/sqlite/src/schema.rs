//! The schema and its migrations, applied in one transaction that excludes every other process.

use sqlx::{Row as _, SqliteConnection};
use stentor_store::StoreError;

use crate::error::{committing, uncommitted};

/// In order; `PRAGMA user_version` counts how many were applied. A number that only one engine has (0002 the other, 0003
/// this one) is not used by the other; the next one in both is 0004.
const MIGRATIONS: [&str; 2] = [
    include_str!("../migrations/0001_store.sql"),
    include_str!("../migrations/0003_snapshot_parts.sql"),
];

/// "Sten": marks the file as ours (`PRAGMA application_id`).
const APPLICATION_ID: i64 = 0x5374_656e;

/// Brings the schema to this program's version.
pub(crate) async fn migrate(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    if applied(conn).await? == MIGRATIONS.len() {
        return Ok(());
    }
    run(conn, "BEGIN IMMEDIATE").await?;
    // Another process may have migrated while this one waited for the lock.
    for (version, sql) in MIGRATIONS.iter().enumerate().skip(applied(conn).await?) {
        run(conn, sql).await?;
        let mark = format!(
            "PRAGMA user_version = {}; PRAGMA application_id = {APPLICATION_ID}",
            version + 1
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(mark))
            .execute(&mut *conn)
            .await
            .map_err(uncommitted)?;
    }
    sqlx::raw_sql("COMMIT")
        .execute(conn)
        .await
        .map_err(committing)?;
    Ok(())
}

/// Refuses a file whose schema is not this program's; for readers, which cannot migrate.
pub(crate) async fn require_current(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    let applied = applied(conn).await?;
    if applied == MIGRATIONS.len() {
        return Ok(());
    }
    Err(StoreError::Unsuitable(format!(
        "its schema has version {applied} and this program reads version {}; start the server once to migrate it",
        MIGRATIONS.len()
    )))
}

async fn applied(conn: &mut SqliteConnection) -> Result<usize, StoreError> {
    let version = pragma(conn, "PRAGMA user_version").await?;
    let id = pragma(conn, "PRAGMA application_id").await?;
    if id != APPLICATION_ID && (id != 0 || version != 0) {
        return Err(StoreError::Unsuitable(
            "the file belongs to another program".to_owned(),
        ));
    }
    match usize::try_from(version) {
        Ok(version) if version <= MIGRATIONS.len() => Ok(version),
        _ => Err(StoreError::Unsuitable(format!(
            "its schema has version {version}, newer than this program's {}; use the newer program",
            MIGRATIONS.len()
        ))),
    }
}

async fn pragma(conn: &mut SqliteConnection, sql: &'static str) -> Result<i64, StoreError> {
    let row = sqlx::raw_sql(sql)
        .fetch_one(conn)
        .await
        .map_err(uncommitted)?;
    row.try_get(0).map_err(uncommitted)
}

async fn run(conn: &mut SqliteConnection, sql: &'static str) -> Result<(), StoreError> {
    sqlx::raw_sql(sql)
        .execute(conn)
        .await
        .map_err(uncommitted)?;
    Ok(())
}
