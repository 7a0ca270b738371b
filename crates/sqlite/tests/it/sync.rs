//! A disk whose syncs fail: nothing may be answered that is not durable.
//!
//! Syncs fail in a process of its own, this test binary again under libfiu (Debian's `fiu-utils`).

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use stentor_sqlite::SqliteStore;
use stentor_store::chain::Verifier;
use stentor_store::{Journal as _, StoreError};
use stentor_testkit::contract::samples::append;

use crate::contract::TestFile;

const PRELOAD: [&str; 2] = [
    "/usr/lib/fiu/fiu_run_preload.so",
    "/usr/lib/fiu/fiu_posix_preload.so",
];

/// Tells the child which file to use; without it the child has nothing to do.
const FILE: &str = "STENTOR_TEST_FILE";

/// Runs a test of this module in a process whose syncs fail with this probability; returns what it printed.
fn under_failing_syncs(test: &str, probability: &str, file: &Path) -> String {
    for library in PRELOAD {
        assert!(
            Path::new(library).exists(),
            "{library} is missing: apt-get install fiu-utils"
        );
    }
    let done = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--nocapture", "--exact", test])
        .env("LD_PRELOAD", PRELOAD.join(":"))
        .env(
            "FIU_ENABLE",
            format!("enable_random name=posix/io/sync/*,probability={probability}"),
        )
        .env(FILE, file)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&done.stderr);
    assert!(!complaint.contains("panicked"), "{said}\n{complaint}");
    said
}

async fn file_with_three_entries() -> TestFile {
    let file = TestFile::new();
    append(&file.store().await, 3, &[]).await.unwrap();
    file
}

/// The head after opening anew, proven from the entries.
async fn recovered(file: &TestFile) -> u64 {
    let store = file.store().await;
    let mut verifier = Verifier::default();
    for entry in store.entries_after(0, usize::MAX).await.unwrap() {
        verifier.step(&entry).unwrap();
    }
    assert_eq!(verifier.head(), store.head().await.unwrap());
    verifier.head().seq
}

#[tokio::test]
async fn nothing_is_answered_while_every_sync_fails() {
    let file = file_with_three_entries().await;
    let said = under_failing_syncs("sync::child_where_every_sync_fails", "1", &file.path());
    assert!(said.contains("child done"), "{said}");
    // The last try may or may not have reached the file; the entries before are whole.
    assert!([3, 4].contains(&recovered(&file).await));
}

#[tokio::test]
#[ignore = "runs in a process of its own, started by the test above"]
async fn child_where_every_sync_fails() {
    let Some(path) = std::env::var_os(FILE) else {
        return;
    };
    let store = SqliteStore::open(Path::new(&path)).await.unwrap();
    for _ in 0..5 {
        let refused = append(&store, 1, &[]).await;
        assert!(
            matches!(
                refused,
                Err(StoreError::OutcomeUnknown(_) | StoreError::Unavailable(_))
            ),
            "{refused:?}"
        );
        // What became of it cannot be settled without a sync.
        let head = store.head().await;
        assert!(matches!(head, Err(StoreError::Unavailable(_))), "{head:?}");
        let read = store.entries_after(0, 9).await;
        assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    }
    println!("child done");
    std::process::abort();
}

#[tokio::test]
async fn what_the_head_told_after_failed_syncs_is_what_a_crash_leaves() {
    for _ in 0..6 {
        let file = file_with_three_entries().await;
        let said = under_failing_syncs("sync::child_where_some_syncs_fail", "0.5", &file.path());
        let mut told = said.lines().filter_map(|line| line.strip_prefix("told "));
        let last: u64 = told.next_back().unwrap().parse().unwrap();
        assert_eq!(recovered(&file).await, last, "{said}");
    }
}

#[tokio::test]
#[ignore = "runs in a process of its own, started by the test above"]
async fn child_where_some_syncs_fail() {
    let Some(path) = std::env::var_os(FILE) else {
        return;
    };
    let store = SqliteStore::open(Path::new(&path)).await.unwrap();
    let mut failures = 0;
    while failures < 10 {
        let result = append(&store, 1, &[]).await;
        let seq = loop {
            if let Ok(head) = store.head().await {
                break head.seq;
            }
        };
        match result {
            Ok(entries) => assert_eq!(entries[0].seq, seq),
            Err(_) => failures += 1,
        }
        println!("told {seq}");
    }
    std::io::stdout().flush().unwrap();
    std::process::abort();
}
