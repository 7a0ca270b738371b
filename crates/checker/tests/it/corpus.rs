//! The corpus over HTTP: our verdict is the expected one, of everything and of the present.

use std::time::Duration;

use stentor_checker::{Patience, Web};
use stentor_corpus::{Case, Expect, Server, cases};
use stentor_verify::{Outcome, Remembered, Scope, Verdict, Verification};

fn named(verdict: &Verdict) -> Expect {
    match verdict {
        Verdict::Fresh => Expect::Fresh,
        Verdict::Stale { .. } => Expect::Stale,
        Verdict::NotAuthentic { .. } => Expect::NotAuthentic,
        Verdict::Unreachable { .. } => Expect::Unreachable,
    }
}

/// Visits what was visited before, then the mirror.
async fn judge(web: &Web, address: &str, case: &Case, scope: Scope<'_>) -> Outcome {
    let mut seen: Option<Remembered> = None;
    let visited = case.visited.as_ref().unwrap_or(&case.now);
    let before = case.visits.iter().map(|v| (v.as_str(), visited));
    let mut last = None;
    for (folder, now) in before.chain([("mirror", &case.now)]) {
        let url = format!("{address}/{}/{folder}", case.name);
        let mirror = web.mirror(&url).unwrap();
        let check = Verification {
            remembered: seen.as_ref(),
            scope,
            ..Verification::new(&mirror, &case.root, now.parse().unwrap())
        };
        let outcome = check.run().await;
        if folder != "mirror" {
            assert_eq!(
                outcome.report.verdict,
                Verdict::Fresh,
                "{} {folder}",
                case.name
            );
        }
        seen = Some(outcome.remember.clone());
        last = Some(outcome);
    }
    last.unwrap()
}

#[test]
fn every_case_is_judged_as_expected() {
    let dir = tempfile::tempdir().unwrap();
    let cases = cases();
    stentor_corpus::write(&cases, dir.path()).unwrap();
    let server = Server::start(dir.path()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    // Only where nobody answers may waiting be cut short: elsewhere a slow machine would look like silence.
    let [short, long] = [1, 60].map(|seconds| {
        let file = Duration::from_secs(seconds);
        Web::new(Patience { file }).unwrap()
    });
    let mut wrong = Vec::new();
    for case in &cases {
        let hangs = case.server.values().any(|fault| fault.hang);
        let web = if hangs { &short } else { &long };
        for (scope, expect) in [
            (Scope::Everything, case.expect),
            (Scope::Present, case.expect_of_the_present()),
        ] {
            let report = runtime
                .block_on(judge(web, &server.address(), case, scope))
                .report;
            if named(&report.verdict) != expect {
                wrong.push(format!(
                    "{} ({scope:?}): {:?}, expected {expect:?}",
                    case.name, report.verdict
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
