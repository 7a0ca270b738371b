//! Somebody with the database's password who changes the journal behind the server's back.

use stentor_testkit::postgres::PrivatePostgres;
use stentor_testkit::process::installed;
use tokio::process::Command;

use super::{House, run};

/// The tables of a stopped installation.
pub(crate) struct Journal<'a> {
    house: &'a House,
}

/// Runs statements with Python's sqlite3, which knows nothing of us, and prints the last one's first value.
const SQLITE: &str = "\
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.create_function('flip', 1, lambda bytes_: bytes([bytes_[0] ^ 16]) + bytes_[1:])
for statement in sys.argv[2:]:
    row = db.execute(statement).fetchone()
db.commit()
print('' if row is None else row[0])
";

impl<'a> Journal<'a> {
    pub(crate) fn of(house: &'a House) -> Self {
        Self { house }
    }

    fn is_sqlite(&self) -> bool {
        self.house.database.is_none()
    }

    async fn sql(&self, statements: &[&str]) -> String {
        let Some(url) = &self.house.database else {
            let mut python = Command::new(installed("python3", "python3"));
            python.args(["-c", SQLITE]);
            python.arg(self.house.dir().join("stentor.db"));
            let ran = run({
                python.args(statements);
                python
            })
            .await;
            assert_eq!(ran.code, 0, "{statements:?}: {ran:?}");
            return ran.stdout.trim().to_owned();
        };
        let database = url.rsplit('/').next().unwrap().to_owned();
        let statements = statements.join(";");
        let run = move || PrivatePostgres::shared().sql_in(&database, &statements);
        let said = tokio::task::spawn_blocking(run).await.unwrap();
        said.trim().to_owned()
    }

    /// The position of the last entry.
    pub(crate) async fn last(&self) -> u64 {
        let said = self.sql(&["SELECT max(seq) FROM entries"]).await;
        said.parse().unwrap()
    }

    /// Flips a bit of a binary column; twice is as before.
    pub(crate) async fn flip(&self, column: &str, seq: u64) {
        let (table, column) = column.split_once('.').unwrap();
        let flipped = if self.is_sqlite() {
            format!("flip({column})")
        } else {
            format!("set_byte({column}, 0, get_byte({column}, 0) # 16)")
        };
        let statement = format!("UPDATE {table} SET {column} = {flipped} WHERE seq = {seq}");
        self.sql(&[&statement]).await;
    }

    /// Adds to a number.
    pub(crate) async fn add(&self, column: &str, seq: u64, number: i64) {
        let (table, column) = column.split_once('.').unwrap();
        let statement =
            format!("UPDATE {table} SET {column} = {column} + ({number}) WHERE seq = {seq}");
        self.sql(&[&statement]).await;
    }

    /// Replaces a payload by a tombstone that names an entry that does not speak of it, and keeps the payload aside.
    pub(crate) async fn erase(&self, seq: u64, by: u64) {
        let keep = format!("CREATE TABLE aside AS SELECT * FROM payloads WHERE seq = {seq}");
        let erase = format!(
            "UPDATE payloads SET salt = NULL, bytes = NULL, erased_by = {by} WHERE seq = {seq}"
        );
        self.sql(&[&keep, &erase]).await;
    }

    /// Puts an erased payload back.
    pub(crate) async fn restore(&self, seq: u64) {
        let restore = format!(
            "UPDATE payloads SET salt = (SELECT salt FROM aside), bytes = (SELECT bytes FROM aside), erased_by = NULL \
             WHERE seq = {seq}"
        );
        self.sql(&[&restore, "DROP TABLE aside"]).await;
    }

    /// Cuts the tail after an entry, and lets the head agree.
    pub(crate) async fn cut(&self, after: u64) {
        let payloads = format!("DELETE FROM payloads WHERE seq > {after}");
        let entries = format!("DELETE FROM entries WHERE seq > {after}");
        let head = format!(
            "UPDATE head SET seq = {after}, hash = (SELECT hash FROM entries WHERE seq = {after})"
        );
        self.sql(&[&payloads, &entries, &head]).await;
    }
}
