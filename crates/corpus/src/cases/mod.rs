//! The cases, by what is the matter with them.

mod authority;
mod clock;
mod form;
mod good;
mod memory;
mod roots;
mod signatures;
mod tampering;
mod transport;

use crate::case::{Case, Expect, Fault, Files, Foreign};
use crate::house::{House, now};
use crate::word::all_pages;

/// Every case, in an order that stays.
#[must_use]
pub fn cases() -> Vec<Case> {
    [
        good::cases(),
        tampering::cases(),
        signatures::cases(),
        roots::cases(),
        memory::cases(),
        clock::cases(),
        authority::cases(),
        form::cases(),
        transport::cases(),
    ]
    .concat()
}

/// A case that everybody accepts.
fn good(name: &str, describes: &str, house: &House, mirror: Files) -> Case {
    Case {
        name: name.to_owned(),
        describes: describes.to_owned(),
        expect: Expect::Fresh,
        present: None,
        now: now().to_string(),
        foreign: Foreign::Accept,
        targets: all_pages(),
        visits: Vec::new(),
        visited: None,
        server: Default::default(),
        root: house.root(1),
        mirror,
        earlier: Vec::new(),
    }
}

/// A case that everybody refuses, with that verdict of ours.
fn bad(expect: Expect, name: &str, describes: &str, house: &House, mirror: Files) -> Case {
    Case {
        expect,
        foreign: Foreign::Reject,
        ..good(name, describes, house, mirror)
    }
}

/// A case that everybody refuses as not authentic.
fn forged(name: &str, describes: &str, house: &House, mirror: Files) -> Case {
    bad(Expect::NotAuthentic, name, describes, house, mirror)
}

impl Case {
    /// A foreign client has no complaint: it does not look there, or takes it for harmless.
    fn they_accept(mut self) -> Self {
        self.foreign = Foreign::Accept;
        self
    }

    /// A reader of the present concludes something else.
    fn present(mut self, expect: Expect) -> Self {
        self.present = Some(expect);
        self
    }

    /// The reader was there before and saw these mirrors.
    fn after(mut self, earlier: Vec<Files>) -> Self {
        self.visits = (1..=earlier.len()).map(|n| format!("visit-{n}")).collect();
        self.visited = Some(now().to_string());
        self.earlier = earlier;
        self
    }

    fn at(mut self, now: jiff::Timestamp) -> Self {
        self.now = now.to_string();
        self
    }

    fn fault(mut self, path: &str, fault: Fault) -> Self {
        self.server.insert(path.to_owned(), fault);
        self
    }

    fn also_downloads(mut self, path: &str) -> Self {
        self.targets.push(path.to_owned());
        self
    }
}

/// The one path of `files` that begins and ends so.
fn find(files: &Files, starts: &str, ends: &str) -> String {
    let mut found = files
        .keys()
        .filter(|p| p.starts_with(starts) && p.ends_with(ends));
    let path = found.next().unwrap_or_else(|| panic!("no {starts}*{ends}"));
    assert!(found.next().is_none(), "more than one {starts}*{ends}");
    path.clone()
}

/// Changes a file's JSON without signing it anew.
fn rewrite(files: &mut Files, path: &str, change: impl FnOnce(&mut serde_json::Value)) {
    let mut value = serde_json::from_slice(&files[path]).unwrap();
    change(&mut value);
    files.insert(path.to_owned(), serde_json::to_vec(&value).unwrap());
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_case_has_a_name_of_its_own_that_is_a_folder() {
        let cases = cases();
        let names: BTreeSet<_> = cases.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names.len(), cases.len());
        assert!(cases.len() >= 45, "{}", cases.len());
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        assert!(names.iter().all(|n| n.bytes().all(plain)), "{names:?}");
    }

    #[test]
    fn the_same_bytes_each_time() {
        let (one, two) = (cases(), cases());
        for (a, b) in one.iter().zip(&two) {
            assert_eq!(
                (&a.root, &a.mirror, &a.earlier),
                (&b.root, &b.mirror, &b.earlier),
                "{}",
                a.name
            );
        }
    }
}
