//! What a case is, and its `case.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Path to bytes.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A verdict, named as `stentor verify --output json` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expect {
    /// Authentic, and nothing has expired.
    Fresh,
    /// Authentic, but something has expired.
    Stale,
    /// Not what the publisher signed, or older than what was seen.
    NotAuthentic,
    /// Nothing can be known.
    Unreachable,
}

/// What a strict TUF client says when it refreshes at that time and downloads the targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Foreign {
    /// No complaint.
    Accept,
    /// An error of any kind.
    Reject,
}

/// How the server treats one path of the mirror otherwise than a file server does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fault {
    /// The status of the answer instead of 200 or 404.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The body of the answer, instead of the file's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Whether the body never ends.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub endless: bool,
    /// The connection is cut after so many bytes of a body that was announced whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truncate: Option<usize>,
    /// Whether nothing is ever answered.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub hang: bool,
    /// A `Location` to be sent to, with status 302.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect: Option<String>,
}

/// A publication as a reader meets it, and what the reader should conclude.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The folder's name.
    pub name: String,
    /// What is the matter with it, in a sentence.
    pub describes: String,
    /// The verdict of a reader who looks at everything.
    pub expect: Expect,
    /// The verdict of a reader of the present, where it is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub present: Option<Expect>,
    /// The reader's clock.
    pub now: String,
    /// What a strict TUF client says.
    pub foreign: Foreign,
    /// The files such a client downloads.
    pub targets: Vec<String>,
    /// Mirrors to visit first, oldest first, with the same memory.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub visits: Vec<String>,
    /// The reader's clock at those visits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visited: Option<String>,
    /// Faults by path; `*` stands for every path that has no file.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub server: BTreeMap<String, Fault>,
    /// The root that the reader trusts from the start.
    #[serde(skip)]
    pub root: Vec<u8>,
    /// The mirror that is judged.
    #[serde(skip)]
    pub mirror: Files,
    /// The mirrors of the earlier visits, as `visits` names them.
    #[serde(skip)]
    pub earlier: Vec<Files>,
}

impl Case {
    /// What a reader of the present should conclude.
    #[must_use]
    pub fn expect_of_the_present(&self) -> Expect {
        self.present.unwrap_or(self.expect)
    }
}
