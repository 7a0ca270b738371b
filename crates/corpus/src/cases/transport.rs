//! Servers that do not serve.

use super::{bad, find, forged, good};
use crate::case::{Case, Expect, Fault, Files, Foreign};
use crate::house::House;
use crate::word::Word;

const PAGE: &str = "<!DOCTYPE html><title>Not found</title><p>Sorry, nothing here.</p>";

pub(super) fn cases() -> Vec<Case> {
    let house = House::new();
    let honest = Word::new(&house, 3).files();
    let mut cases = missing(&house, &honest);
    cases.extend(endless(&house, &honest));
    cases.extend(faults(&house, &honest));
    cases
}

fn missing(house: &House, honest: &Files) -> Vec<Case> {
    let without = |path: &str| {
        let mut files = honest.clone();
        files.remove(path).unwrap();
        files
    };
    let gone = |name: &str, what: &str, path: &str| {
        bad(
            Expect::Unreachable,
            name,
            &format!("{what} is missing: nothing can be known."),
            house,
            without(path),
        )
    };
    vec![
        gone(
            "missing-timestamp",
            "The timestamp",
            "metadata/timestamp.json",
        ),
        gone(
            "missing-snapshot",
            "The snapshot",
            "metadata/3.snapshot.json",
        ),
        gone(
            "missing-status",
            "The status metadata",
            "metadata/3.status.json",
        ),
        gone(
            "missing-target",
            "A signed file",
            &find(honest, "targets/", ".status.json"),
        )
        .present(Expect::Fresh),
        gone("missing-page", "A page at the top", "status.json").they_accept(),
        bad(
            Expect::Unreachable,
            "empty-mirror",
            "There is nothing at all.",
            house,
            Files::new(),
        ),
    ]
}

fn endless(house: &House, honest: &Files) -> Vec<Case> {
    let fault = || Fault {
        endless: true,
        ..Fault::default()
    };
    let never = |name: &str, what: &str, path: &str| {
        forged(name, &format!("{what} never ends."), house, honest.clone()).fault(path, fault())
    };
    vec![
        never("endless-root", "The next root", "metadata/2.root.json"),
        never(
            "endless-timestamp",
            "The timestamp",
            "metadata/timestamp.json",
        ),
        never(
            "endless-snapshot",
            "The snapshot",
            "metadata/3.snapshot.json",
        ),
        never(
            "endless-status",
            "The status metadata",
            "metadata/3.status.json",
        ),
        never(
            "endless-target",
            "A signed file",
            &find(honest, "targets/", ".status.txt"),
        )
        .present(Expect::Fresh),
        never("endless-page", "The page at the top", "index.html").they_accept(),
    ]
}

fn faults(house: &House, honest: &Files) -> Vec<Case> {
    let unknown = |name: &str, describes: &str, path: &str, fault: Fault| {
        bad(Expect::Unreachable, name, describes, house, honest.clone()).fault(path, fault)
    };
    let page = |status| Fault {
        status: Some(status),
        body: Some(PAGE.to_owned()),
        ..Fault::default()
    };
    let status = |status| Fault {
        status: Some(status),
        ..Fault::default()
    };
    let cut = |bytes| Fault {
        truncate: Some(bytes),
        ..Fault::default()
    };
    let mut captive = unknown(
        "captive-portal",
        "Whatever is asked, the network answers with its login page: nothing can be known.",
        "*",
        page(200),
    );
    captive.mirror = Files::new();
    vec![
        unknown(
            "page-for-missing-files",
            "The server answers 200 with a page where no file is, also for the root that is not there yet.",
            "*",
            page(200),
        ),
        captive,
        good(
            "forbidden-for-missing-files",
            "The server answers 403 where no file is, as object stores do.",
            house,
            honest.clone(),
        )
        .fault("*", page(403)),
        Case {
            foreign: Foreign::Reject,
            ..good(
                "gone-for-missing-files",
                "The server answers 410 where no file is; other clients stop there.",
                house,
                honest.clone(),
            )
            .fault("*", page(410))
        },
        unknown(
            "server-in-trouble",
            "The server answers 503 for the timestamp.",
            "metadata/timestamp.json",
            status(503),
        ),
        unknown(
            "cut-timestamp",
            "The connection breaks in the middle of the timestamp.",
            "metadata/timestamp.json",
            cut(200),
        ),
        unknown(
            "cut-status",
            "The connection breaks in the middle of the status metadata.",
            "metadata/3.status.json",
            cut(200),
        ),
        unknown(
            "cut-page",
            "The connection breaks in the middle of the page at the top.",
            "index.html",
            cut(10),
        )
        .they_accept(),
        unknown(
            "silence",
            "The server takes the question for the timestamp and never answers.",
            "metadata/timestamp.json",
            Fault {
                hang: true,
                ..Fault::default()
            },
        ),
        unknown(
            "sent-elsewhere",
            "The server sends the reader elsewhere for the timestamp, where nothing is.",
            "metadata/timestamp.json",
            Fault {
                redirect: Some("/elsewhere/timestamp.json".to_owned()),
                ..Fault::default()
            },
        ),
    ]
}
