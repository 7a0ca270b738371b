//! What mirrors, signing sites and our own house stand on.

use std::collections::{BTreeMap, BTreeSet};

use super::problem::quoted;
use super::reader::Table;
use crate::ids::is_slug;
use crate::shared_fate::{Foundation, SigningSite, StandsOn};

const KEYS: &[&str] = &[
    "host",
    "network",
    "dns_zone",
    "registrar",
    "provider_account",
];

/// Reads the table `stands_on` of a table.
pub(super) fn read(table: &Table<'_>) -> StandsOn {
    let declared = table.table("stands_on", KEYS);
    declared.map(|table| labels(&table)).unwrap_or_default()
}

/// Reads `[house]`.
pub(super) fn house(file: &Table<'_>) -> StandsOn {
    let declared = file.table("house", &["stands_on"]);
    declared.map(|table| read(&table)).unwrap_or_default()
}

/// Reads `[[signing_sites]]`.
pub(super) fn signing_sites(file: &Table<'_>) -> Vec<SigningSite> {
    let mut names = BTreeSet::new();
    let mut sites = Vec::new();
    if file.value("signing_sites").is_none() {
        return sites;
    }
    for table in file.list("signing_sites", &["name", "stands_on"]) {
        let name = table.need("name", "name = \"beacon-north\"");
        if let Some(name) = name {
            if !is_slug(&name) {
                name.refuse(
                    format!("{} cannot be a name", quoted(&name)),
                    "use 1 to 63 of a-z, 0-9 and -, beginning with a letter and not ending with -",
                );
            }
            if !names.insert(name.to_string()) {
                name.refuse(
                    format!("another signing site has {} already", quoted(&name)),
                    "choose another",
                );
            }
        }
        sites.push(SigningSite {
            name: name.map(|name| name.to_string()).unwrap_or_default(),
            stands_on: read(&table),
        });
    }
    sites
}

fn labels(table: &Table<'_>) -> StandsOn {
    let declared = Foundation::ALL.into_iter().filter_map(|foundation| {
        let labels = table.line_or_lines(foundation.name())?;
        let labels = labels.iter().map(|label| label.trim().to_owned());
        Some((foundation, labels.collect()))
    });
    StandsOn(declared.collect::<BTreeMap<_, _>>())
}
