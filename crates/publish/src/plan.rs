//! What a mirror should look like, in the order in which it may become so.

/// The one file whose name does not change with its content.
pub(crate) const TIMESTAMP: &str = "metadata/timestamp.json";

/// The whole of a mirror. Pushing it again changes nothing where nothing is missing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    /// Steps in the safe order: nothing is named before it is there.
    /// Targets; roots, targets and status metadata; snapshot; timestamp; pages at the top.
    pub(crate) steps: [Vec<File>; 5],
    /// Superseded long ago, or no longer signed.
    pub(crate) delete: Vec<String>,
    /// The version of the timestamp among the files.
    pub(crate) timestamp: u64,
}

/// A file of a mirror.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) bytes: Vec<u8>,
}
