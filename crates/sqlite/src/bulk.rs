//! Statements gathered for one round trip to the connection's thread: waking it and being woken costs more than most
//! statements do.

use std::fmt::Write as _;

use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments as _, AssertSqlSafe, Encode, Sqlite, Type};
use stentor_store::StoreError;

use crate::error::uncommitted;

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

    /// Adds the statements for all `rows`; `bind` binds the arguments of one statement.
    pub(crate) async fn add<T>(
        &self,
        transaction: &mut Transaction,
        mut statements: Statements,
        mut rows: &[T],
        bind: impl Fn(Statements, &[T]) -> Statements,
    ) -> Result<Statements, StoreError> {
        for (size, text) in &self.0 {
            while rows.len() >= *size {
                let (now, later) = rows.split_at(*size);
                statements = statements.room(transaction).await?;
                statements = bind(statements.then(text), now);
                rows = later;
            }
        }
        Ok(statements)
    }
}

/// Text beyond which statements do not wait for others, in bytes. It bounds the arguments too.
const MAX_TEXT: usize = 4096;

/// Statements that follow each other, with their arguments.
#[derive(Default)]
pub(crate) struct Statements {
    text: String,
    arguments: SqliteArguments,
    unfit: Option<BoxDynError>,
}

impl Statements {
    /// Adds a statement, made of constants only; its arguments are bound next.
    pub(crate) fn then(mut self, text: &str) -> Self {
        if !self.text.is_empty() {
            self.text.push_str("; ");
        }
        self.text.push_str(text);
        self
    }

    /// Binds the next argument.
    pub(crate) fn bind<'q, T: Encode<'q, Sqlite> + Type<Sqlite>>(mut self, value: T) -> Self {
        if let Err(error) = self.arguments.add(value) {
            self.unfit = Some(error);
        }
        self
    }

    /// Runs what was gathered when there is much of it.
    pub(crate) async fn room(self, transaction: &mut Transaction) -> Result<Self, StoreError> {
        if self.text.len() < MAX_TEXT {
            return Ok(self);
        }
        self.run(transaction).await?;
        Ok(Self::default())
    }

    /// Runs what was gathered.
    pub(crate) async fn run(self, transaction: &mut Transaction) -> Result<(), StoreError> {
        if self.text.is_empty() {
            return Ok(());
        }
        transaction.run(self.query()?).await.map(drop)
    }

    /// What was gathered, as one query.
    pub(crate) fn query(self) -> Result<Query<'static>, StoreError> {
        match self.unfit {
            Some(error) => Err(uncommitted(sqlx::Error::Encode(error))),
            None => Ok(sqlx::query_with(AssertSqlSafe(self.text), self.arguments)),
        }
    }
}
