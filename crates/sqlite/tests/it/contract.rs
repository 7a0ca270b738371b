//! The contract suite over files in a folder of each test's own.

use std::path::PathBuf;
use std::sync::Arc;

use stentor_sqlite::SqliteStore;
use stentor_store::Store;
use stentor_testkit::contract::Database;
use tempfile::TempDir;

pub(crate) struct TestFile {
    folder: TempDir,
}

impl TestFile {
    pub(crate) fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("stentor.db")
    }

    pub(crate) async fn store(&self) -> SqliteStore {
        SqliteStore::open(&self.path()).await.unwrap()
    }
}

#[async_trait::async_trait]
impl Database for TestFile {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.store().await)
    }
}

stentor_testkit::store_contract!(TestFile::new());
