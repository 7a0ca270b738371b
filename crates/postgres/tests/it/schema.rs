//! Both engines have the same tables and columns, so that one cannot drift from the other. Only leases and members are
//! PostgreSQL's alone: the other engine keeps them in memory. And snapshots lie as it suits each: SQLite has one writer,
//! which a large one must not hold up, so it keeps them in parts.

use std::collections::BTreeSet;

use sqlx::{ConnectOptions as _, Connection as _, Row as _};
use stentor_sqlite::SqliteStore;
use stentor_store::{Journal as _, Leases as _};
use stentor_testkit::contract::samples::append;
use stentor_testkit::postgres::PrivatePostgres;

use crate::contract::TestDatabase;

/// `table.column type nullability`, with the names of types made equal.
type Columns = BTreeSet<String>;

async fn of_postgres() -> Columns {
    let database = TestDatabase::new();
    database.store().await;
    let mut conn = sqlx::PgConnection::connect(&database.url).await.unwrap();
    let rows = sqlx::raw_sql(
        "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable \
         FROM information_schema.columns \
         WHERE table_schema = 'public' \
         AND table_name NOT IN ('stentor_schema', 'leases', 'members', 'snapshots')",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

async fn of_sqlite() -> Columns {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("stentor.db");
    SqliteStore::open(&path).await.unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let mut conn = options.connect().await.unwrap();
    let rows = sqlx::raw_sql(
        "SELECT t.name || '.' || c.name || ' ' || \
         CASE c.type WHEN 'INTEGER' THEN 'bigint' WHEN 'TEXT' THEN 'text' \
         WHEN 'BLOB' THEN 'bytea' ELSE c.type END || ' ' || \
         iif(c.\"notnull\" OR c.pk, 'NO', 'YES') \
         FROM pragma_table_list t, pragma_table_info(t.name) c \
         WHERE t.schema = 'main' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE 'snapshot%'",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn both_engines_have_the_same_tables_and_columns() {
    let (postgres, sqlite) = (of_postgres().await, of_sqlite().await);
    assert!(sqlite.len() > 50, "found only {sqlite:?}");
    let only = |a: &Columns, b: &Columns| a.difference(b).cloned().collect::<Vec<_>>();
    assert_eq!(only(&postgres, &sqlite), Vec::<String>::new());
    assert_eq!(only(&sqlite, &postgres), Vec::<String>::new());
}

#[tokio::test]
async fn a_database_of_the_first_version_is_migrated() {
    let database = TestDatabase::new();
    append(&database.store().await, 2, &[]).await.unwrap();
    let name = database.url.rsplit('/').next().unwrap();
    PrivatePostgres::shared().sql_in(
        name,
        "DROP TABLE leases, members; UPDATE stentor_schema SET version = 1",
    );
    let store = database.store().await;
    assert_eq!(store.head().await.unwrap().seq, 2);
    assert!(store.hold("sender", "a", 1000).await.unwrap());
}
