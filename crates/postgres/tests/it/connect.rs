//! Which servers are refused, and what is never said.

use std::time::Duration;

use stentor_postgres::{PostgresStore, Timeouts};
use stentor_store::{Journal as _, StoreError};
use stentor_testkit::contract::samples::append;
use stentor_testkit::postgres::PrivatePostgres;

use crate::contract::TestDatabase;

async fn refusal(url: &str) -> String {
    match PostgresStore::connect(url).await {
        Err(StoreError::Unsuitable(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn servers_that_lose_acknowledged_commits_are_refused() {
    let cluster = PrivatePostgres::start();
    let url = cluster.url("postgres");
    let set = |change: &str| {
        cluster.sql(&format!("ALTER SYSTEM {change}"));
        cluster.crash();
        cluster.start_again();
    };
    for losing in ["fsync", "full_page_writes", "synchronous_commit"] {
        set(&format!("SET {losing} = off"));
        let why = refusal(&url).await;
        assert!(why.contains(&format!("set {losing}=on")), "{why}");
        set(&format!("RESET {losing}"));
    }
    PostgresStore::connect(&url).await.unwrap();
}

#[tokio::test]
async fn a_role_or_database_that_does_not_wait_for_the_disk_is_refused() {
    let database = TestDatabase::new();
    let name = database.url.rsplit('/').next().unwrap();
    let cluster = PrivatePostgres::shared();
    cluster.sql(&format!(
        "ALTER DATABASE {name} SET synchronous_commit = off"
    ));
    let why = refusal(&database.url).await;
    assert!(why.contains("synchronous_commit"), "{why}");
    // Only the primary's answer counts in the weaker modes with a standby; they still sync here.
    cluster.sql(&format!(
        "ALTER DATABASE {name} SET synchronous_commit = local"
    ));
    append(&database.store().await, 1, &[]).await.unwrap();
}

#[tokio::test]
async fn other_encodings_newer_schemas_and_read_only_servers_are_refused() {
    let cluster = PrivatePostgres::shared();
    cluster.sql("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    let why = refusal(&cluster.url("latin")).await;
    assert!(why.contains("UTF8"), "{why}");

    let newer = TestDatabase::new();
    newer.store().await;
    let name = newer.url.rsplit('/').next().unwrap();
    cluster.sql_in(name, "UPDATE stentor_schema SET version = 99");
    let why = refusal(&newer.url).await;
    assert!(why.contains("newer"), "{why}");

    let standby = TestDatabase::new();
    let name = standby.url.rsplit('/').next().unwrap();
    cluster.sql(&format!(
        "ALTER DATABASE {name} SET default_transaction_read_only = on"
    ));
    let refused = PostgresStore::connect(&standby.url).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn the_password_is_never_printed() {
    let port = PrivatePostgres::shared().port();
    for url in [
        format!("postgres://nobody:s3cr3t@127.0.0.1:{port}/absent"),
        "postgres://ada:s3cr3t@127.0.0.1:1/db".to_owned(),
        "postgres://ada:s3cr3t@[::bad/db".to_owned(),
        "postgres://ada:s3cr3t@127.0.0.1:notaport/db".to_owned(),
        "postgres://ada:s3cr3t@127.0.0.1/db?sslmode=s3cr3t".to_owned(),
        "s3cr3t".to_owned(),
    ] {
        let timeouts = Timeouts {
            lock: Duration::from_millis(200),
            ..Timeouts::default()
        };
        let error = PostgresStore::connect_with(&url, timeouts)
            .await
            .unwrap_err();
        let said = format!("{error} {error:?}");
        assert!(!said.contains("s3cr3t"), "{said}");
    }
    let database = TestDatabase::new();
    let store = database.store().await;
    assert_eq!(format!("{store:?}"), "PostgresStore { .. }");
}

#[tokio::test]
async fn nodes_that_start_together_migrate_once() {
    let database = TestDatabase::new();
    let nodes = futures::future::join_all((0..6).map(|_| database.store())).await;
    for node in &nodes {
        append(node, 1, &[]).await.unwrap();
    }
    assert_eq!(nodes[0].head().await.unwrap().seq, 6);
}
