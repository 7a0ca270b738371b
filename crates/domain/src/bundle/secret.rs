//! References to secrets. A secret itself is never in the configuration: it would be hashed, stored and shown.

use super::reader::{At, Table};
use crate::organisation::SecretRef;

const KEYS: &[&str] = &["file", "credential"];

/// The reference at `key`, when there is one. The value is never repeated in a message.
pub(super) fn read(table: &Table<'_>, key: &str) -> Option<SecretRef> {
    let value = table.value(key)?;
    if !value.is_table() {
        value.refuse(
            format!("the secret \"{key}\" stands here itself"),
            format!(
                "put it into a file and write {key} = {{ file = \"secrets/{}\" }}, or {key} = {{ credential = \"{key}\" }} for a systemd credential; then change the secret, because others may have read it",
                key.replace('_', "-")
            ),
        );
        return None;
    }
    let table = table.table(key, KEYS)?;
    let (file, credential) = (table.line("file"), table.line("credential"));
    match (file, credential) {
        (Some(file), None) => Some(SecretRef::File(path(&file)?)),
        (None, Some(name)) => {
            if name.contains('/') || name.starts_with('.') {
                name.refuse(
                    "this is not the name of a credential",
                    "write the name alone, without a path",
                );
            }
            Some(SecretRef::Credential(name.to_string()))
        }
        _ => {
            table.here().refuse(
                format!("it is not clear where \"{key}\" lies"),
                "write either file = \"secrets/…\" or credential = \"…\"",
            );
            None
        }
    }
}

/// A path of a file beside the configuration, or from the root.
pub(super) fn path(text: &At<'_, &str>) -> Option<String> {
    if text.split('/').any(|part| part == "..") || text.contains('\\') {
        text.refuse(
            "the path leaves its directory",
            "write a path below it, or one that begins with /",
        );
        return None;
    }
    Some(text.to_string())
}
