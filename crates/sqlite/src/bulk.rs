//! Statements that insert several rows in one round trip to the connection's thread.

use std::fmt::Write as _;

use sqlx::Sqlite;
use sqlx::sqlite::SqliteArguments;
use stentor_store::StoreError;

use crate::writer::Transaction;

/// A statement with its arguments.
pub(crate) type Query<'q> = sqlx::query::Query<'q, Sqlite, SqliteArguments>;

/// Rows per statement, largest first. Few sizes keep the cache of prepared statements small.
const SIZES: [usize; 4] = [64, 16, 4, 1];

/// The text of one `INSERT` of `rows` rows of `columns` columns.
pub(crate) fn insert(into: &str, columns: usize, rows: usize, conflict: &str) -> String {
    let row = format!("({})", vec!["?"; columns].join(","));
    let mut sql = String::new();
    // Writing to a String cannot fail.
    let _ = write!(
        sql,
        "INSERT INTO {into} VALUES {} {conflict}",
        vec![row; rows].join(",")
    );
    sql
}

/// One statement text for each size.
pub(crate) struct Bulk([(usize, String); 4]);

impl Bulk {
    /// `text` writes the statement for a number of rows.
    pub(crate) fn new(text: impl Fn(usize) -> String) -> Self {
        Self(SIZES.map(|size| (size, text(size))))
    }

    /// Runs the statements over all `rows`; `bind` binds the arguments of one statement.
    pub(crate) async fn run<T>(
        &'static self,
        transaction: &mut Transaction,
        mut rows: &[T],
        bind: impl for<'q> Fn(Query<'q>, &[T]) -> Query<'q>,
    ) -> Result<(), StoreError> {
        for (size, text) in &self.0 {
            while rows.len() >= *size {
                let (now, later) = rows.split_at(*size);
                transaction
                    .run(bind(sqlx::query(text.as_str()), now))
                    .await?;
                rows = later;
            }
        }
        Ok(())
    }
}
