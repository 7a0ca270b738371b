//! A bundle of configuration files (stub).
use crate::organisation::Organisation;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
/// A bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    files: BTreeMap<String, String>,
}
/// A problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem;
impl Bundle {
    /// Parses.
    pub fn organisation(&self) -> Result<Organisation, Vec<Problem>> {
        let _ = &self.files;
        Err(vec![Problem])
    }
    /// Hash.
    pub fn hash(&self) -> String {
        String::new()
    }
}
