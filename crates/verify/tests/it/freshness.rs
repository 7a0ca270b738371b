//! Authentic and fresh, authentic and stale, and what is said about it.

use jiff::Timestamp;
use stentor_verify::{Rollback, Verdict};

use crate::fixture::{Publisher, assert_forged, assert_unreachable, check, check_at, hours, now};

#[tokio::test]
async fn an_honest_mirror_is_fresh() {
    let publisher = Publisher::new();
    let report = check_at(&publisher.usual(3), &publisher.root(), None, now())
        .await
        .report;
    assert_eq!(report.verdict, Verdict::Fresh);
    assert_eq!(
        (report.exit_code, report.files, report.rollback),
        (0, 4, Rollback::CannotBeExcluded)
    );
    assert_eq!(report.version("status"), Some(3));
    assert_eq!(report.version("timestamp"), Some(30));
    let words = report.explain();
    assert!(
        words.contains("FRESH") && words.contains("cannot be excluded"),
        "{words}"
    );
    assert!(
        words.contains("timestamp version 30, expires 2026-11-20 08:10 UTC (in 6 hours)"),
        "{words}"
    );
}

#[tokio::test]
async fn expiry_is_stale_since_the_first_role_expired() {
    #[track_caller]
    fn expect(verdict: Verdict, since: Timestamp, age_seconds: i64) {
        assert_eq!(verdict, Verdict::Stale { since, age_seconds });
    }
    let publisher = Publisher::new();
    let mirror = publisher.usual(3);
    let root = publisher.root();
    let at = async |time| check_at(&mirror, &root, None, time).await.report;
    // At the very second of expiry it is no longer fresh.
    expect(at(hours(6)).await.verdict, hours(6), 0);
    expect(at(hours(9)).await.verdict, hours(6), 3 * 3_600);
    // Everything has expired, the root too: the first to go counts.
    let late = at(hours(9_000)).await;
    expect(late.verdict.clone(), hours(6), 8_994 * 3_600);
    assert_eq!(late.exit_code, 3);
    assert!(
        late.explain()
            .contains("STALE since 2026-11-20 08:10 UTC, that is for 374 days 18 hours"),
        "{late}"
    );
}

#[tokio::test]
async fn an_expired_root_with_good_signatures_is_stale_and_not_forged() {
    let mut publisher = Publisher::new();
    publisher.expires.insert("root", hours(-2));
    let verdict = check(&publisher.usual(1), &publisher.root()).await;
    assert_eq!(
        verdict,
        Verdict::Stale {
            since: hours(-2),
            age_seconds: 7_200
        }
    );
}

#[tokio::test]
async fn being_stale_hides_no_forgery() {
    let publisher = Publisher::new();
    let mut mirror = publisher.usual(1);
    mirror
        .files
        .insert("index.html".into(), b"<p>all is well</p>".to_vec());
    let outcome = check_at(&mirror, &publisher.root(), None, hours(9_000)).await;
    assert_forged(&outcome.report.verdict, "index.html at the top");
}

#[tokio::test]
async fn what_cannot_be_read_is_not_called_forged() {
    let publisher = Publisher::new();
    let root = publisher.root();
    let whole = publisher.usual(1);
    for part in [
        "metadata/timestamp.json",
        "snapshot.json",
        "targets.json",
        "status.json",
        "targets/incidents/",
    ] {
        let mut mirror = whole.clone();
        let path = mirror.find(part);
        mirror.files.remove(&path);
        assert_unreachable(&check(&mirror, &root).await, &path);
    }
    let mut mirror = whole;
    mirror.down = true;
    let report = check_at(&mirror, &root, None, now()).await.report;
    assert_unreachable(&report.verdict, "connection refused");
    assert_eq!(report.exit_code, 5);
}

#[tokio::test]
async fn a_report_reads_as_json() {
    let publisher = Publisher::new();
    let mirror = publisher.usual(2);
    let report = check_at(&mirror, &publisher.root(), None, hours(7))
        .await
        .report;
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["verdict"], "stale");
    assert_eq!(json["since"], "2026-11-20T08:10:00Z");
    assert_eq!(json["age_seconds"], 3_600);
    assert_eq!(json["rollback"], "cannot_be_excluded");
    assert_eq!(json["roles"][1]["name"], "timestamp");
    assert_eq!(json["roles"][1]["expired"], true);
}
