//! The contract suite over databases in one private cluster.

use std::sync::Arc;

use async_trait::async_trait;
use stentor_postgres::PostgresStore;
use stentor_store::Store;
use stentor_testkit::contract::Database;
use stentor_testkit::postgres::PrivatePostgres;

pub(crate) struct TestDatabase {
    pub(crate) url: String,
}

impl TestDatabase {
    pub(crate) fn new() -> Self {
        Self {
            url: PrivatePostgres::shared().database(),
        }
    }

    pub(crate) async fn store(&self) -> PostgresStore {
        PostgresStore::connect(&self.url).await.unwrap()
    }
}

#[async_trait]
impl Database for TestDatabase {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.store().await)
    }
}

stentor_testkit::store_contract!(TestDatabase::new());
