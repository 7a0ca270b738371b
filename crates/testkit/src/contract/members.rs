//! Clauses on the nodes that share a database, and on their clocks.

use jiff::Timestamp;
use stentor_store::{Member, Store};

use super::Database;
use super::leases::{HOUR_MS, until};
use super::samples::NOW;

fn member(node: &str) -> Member {
    Member {
        node: node.to_owned(),
        address: "[::1]:9095".to_owned(),
        started_ms: NOW,
        version: "1.2.3".to_owned(),
        kinds_version: 40,
    }
}

async fn nodes(store: &dyn Store) -> Vec<String> {
    let members = store.members().await.unwrap();
    members.into_iter().map(|member| member.node).collect()
}

/// Every node sees all of them, in order of the names' bytes, as each last said.
pub async fn members_are_listed_by_node_and_replaced(database: &dyn Database) {
    let (one, two) = (database.open().await, database.open().await);
    assert_eq!(one.members().await.unwrap(), []);
    for node in ["b", "\u{e9}", "a", "B"] {
        two.announce(&member(node), HOUR_MS).await.unwrap();
    }
    let listed = ["B", "a", "b", "\u{e9}"].map(member);
    assert_eq!(one.members().await.unwrap(), listed);
    let changed = Member {
        node: "a".to_owned(),
        address: "node-a.example:1".to_owned(),
        started_ms: i64::MAX,
        version: "2.0.0".to_owned(),
        kinds_version: u32::MAX,
    };
    one.announce(&changed, HOUR_MS).await.unwrap();
    let [first, _, third, fourth] = listed;
    assert_eq!(
        two.members().await.unwrap(),
        [first, changed, third, fourth]
    );
}

/// Only those whose announcement has not run out are members; they come back by announcing again.
pub async fn a_member_that_fell_silent_is_gone(database: &dyn Database) {
    let store = database.open().await;
    store.announce(&member("a"), HOUR_MS).await.unwrap();
    store.announce(&member("b"), HOUR_MS).await.unwrap();
    store.announce(&member("b"), 1).await.unwrap();
    until("the end of b", || async { nodes(&*store).await == ["a"] }).await;
    store.announce(&member("b"), i64::MAX).await.unwrap();
    assert_eq!(nodes(&*store).await, ["a", "b"]);
    store.announce(&member("a"), i64::MIN).await.unwrap();
    until("the end of a", || async { nodes(&*store).await == ["b"] }).await;
}

/// Leaving does not wait for the announcement to run out.
pub async fn a_member_that_leaves_is_gone_at_once(database: &dyn Database) {
    let (one, two) = (database.open().await, database.open().await);
    one.announce(&member("a"), HOUR_MS).await.unwrap();
    two.announce(&member("b"), HOUR_MS).await.unwrap();
    one.leave("a").await.unwrap();
    one.leave("nobody").await.unwrap();
    assert_eq!(nodes(&*two).await, ["b"]);
    one.announce(&member("a"), HOUR_MS).await.unwrap();
    assert_eq!(nodes(&*two).await, ["a", "b"]);
}

/// Text is kept as it is, but for NUL.
pub async fn strange_members_are_kept(database: &dyn Database) {
    let store = database.open().await;
    for text in ["", "s'e\"n;--", "%_\\ $1 ?", "\u{202e}\u{1f4df}\n", "nul\0"] {
        let said = Member {
            address: text.to_owned(),
            version: text.to_owned(),
            ..member(text)
        };
        store.announce(&said, HOUR_MS).await.unwrap();
        let stored = text.replace('\0', "\u{fffd}");
        let expected = Member {
            address: stored.clone(),
            version: stored.clone(),
            ..member(&stored)
        };
        assert_eq!(store.members().await.unwrap(), [expected], "{text:?}");
        store.leave(text).await.unwrap();
        assert_eq!(store.members().await.unwrap(), [], "{text:?}");
    }
}

/// The database runs on this machine, so the skew is at most the time that asking took.
pub async fn clocks_of_one_machine_agree(database: &dyn Database) {
    let store = database.open().await;
    let before_ms = wall_ms();
    let skew_ms = store.clock_skew_ms(before_ms).await.unwrap();
    // Rounding to milliseconds may add up to four.
    let most_ms = wall_ms() - before_ms + 4;
    assert!(skew_ms.abs() <= most_ms, "{skew_ms} ms of {most_ms} ms");
}

#[expect(
    clippy::disallowed_methods,
    reason = "the database is compared with the machine's real clock"
)]
fn wall_ms() -> i64 {
    Timestamp::now().as_millisecond()
}
