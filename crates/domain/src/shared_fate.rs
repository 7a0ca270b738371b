//! What takes several mirrors or signing sites down together (CAT-3).
//!
//! People declare what each stands on; nothing is guessed from names or addresses. What was not declared is unknown,
//! and unknown is never taken for independent.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

/// Something that others stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Foundation {
    /// The machine.
    Host,
    /// The network that it hangs on.
    Network,
    /// The zone that answers for its name.
    DnsZone,
    /// Who keeps the registration of that zone.
    Registrar,
    /// The account with a provider; whoever closes or takes it over has the mirror.
    ProviderAccount,
}

impl Foundation {
    /// Every foundation.
    pub const ALL: [Self; 5] = [
        Self::Host,
        Self::Network,
        Self::DnsZone,
        Self::Registrar,
        Self::ProviderAccount,
    ];

    /// The name in configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Network => "network",
            Self::DnsZone => "dns_zone",
            Self::Registrar => "registrar",
            Self::ProviderAccount => "provider_account",
        }
    }

    /// The name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Network => "network",
            Self::DnsZone => "DNS zone",
            Self::Registrar => "registrar",
            Self::ProviderAccount => "provider account",
        }
    }
}

/// What one thing stands on. A foundation that is not in here is unknown; one with an empty list is not needed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StandsOn(pub BTreeMap<Foundation, Vec<String>>);

impl StandsOn {
    /// Whether it falls with `label`: one of several that it needs is enough.
    fn falls_with(&self, foundation: Foundation, label: &str) -> bool {
        let labels = self.0.get(&foundation);
        labels.is_some_and(|labels| labels.iter().any(|l| same(l) == same(label)))
    }

    /// The foundations of which nothing is declared.
    #[must_use]
    pub fn unknown(&self) -> Vec<Foundation> {
        let all = Foundation::ALL.into_iter();
        all.filter(|f| !self.0.contains_key(f)).collect()
    }
}

/// People write one name in several ways.
fn same(label: &str) -> String {
    label.trim().to_lowercase()
}

/// A place where the word is signed again, such as a beacon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningSite {
    /// Its name.
    pub name: String,
    /// What it stands on.
    pub stands_on: StandsOn,
}

/// What something is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// It shows the word.
    Mirror,
    /// It signs the word.
    SigningSite,
    /// It is our own house, whose fall the word is to outlive.
    House,
}

/// Something that can fall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Site {
    /// What it is for.
    pub part: Part,
    /// Its name.
    pub name: String,
    /// What it stands on.
    pub stands_on: StandsOn,
}

/// What would be lost at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// Every mirror: nobody can read the word.
    AllMirrors,
    /// Every mirror together with our own house: just when the word is needed.
    AllMirrorsAndHouse,
    /// Every signing site: the word grows old and cannot be renewed.
    AllSigningSites,
}

impl Loss {
    /// What it is, for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::AllMirrors => "all mirrors",
            Self::AllMirrorsAndHouse => "all mirrors and our own house",
            Self::AllSigningSites => "all signing sites",
        }
    }
}

/// One failure that takes too much.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Blow {
    /// What fails.
    pub foundation: Foundation,
    /// Which one.
    pub label: String,
    /// What is lost.
    pub loss: Loss,
}

/// A loss that cannot be excluded, because too little is declared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Doubt {
    /// What may be shared.
    pub foundation: Foundation,
    /// What would be lost.
    pub loss: Loss,
    /// Who has to declare it.
    pub unknown: Vec<String>,
}

/// What stands and falls together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SharedFate {
    /// Everything that was looked at.
    pub sites: Vec<Site>,
    /// Single failures that take too much.
    pub blows: Vec<Blow>,
    /// What may be such a failure.
    pub doubts: Vec<Doubt>,
}

impl SharedFate {
    /// Judges mirrors, signing sites and our own house.
    #[must_use]
    pub fn of(sites: Vec<Site>) -> Self {
        let (mut blows, mut doubts) = (Vec::new(), Vec::new());
        for foundation in Foundation::ALL {
            for group in groups(&sites) {
                let (found, doubt) = judge(foundation, &group);
                blows.extend(found);
                doubts.extend(doubt);
            }
        }
        // That all mirrors fall is said already when the house falls with them.
        let worse: Vec<Blow> = blows.clone();
        blows.retain(|blow| {
            blow.loss != Loss::AllMirrors
                || !worse.iter().any(|other| {
                    other.loss == Loss::AllMirrorsAndHouse
                        && other.foundation == blow.foundation
                        && same(&other.label) == same(&blow.label)
                })
        });
        doubts.retain(|doubt| {
            // With the house unknown, a loss of all mirrors is the nearer worry, and said by itself.
            doubt.loss != Loss::AllMirrorsAndHouse
                || blows.iter().any(|blow| {
                    blow.loss == Loss::AllMirrors && blow.foundation == doubt.foundation
                })
        });
        Self {
            sites,
            blows,
            doubts,
        }
    }

    /// Whether no single failure takes too much, for all that is known.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        self.blows.is_empty()
    }

    /// Whether everything is declared that the answer needs.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.doubts.is_empty()
    }
}

/// What must not fall together.
fn groups(sites: &[Site]) -> Vec<(Loss, Vec<&Site>)> {
    let of = |parts: &[Part]| -> Vec<&Site> {
        let chosen = sites.iter().filter(|site| parts.contains(&site.part));
        chosen.collect()
    };
    let (mirrors, signing) = (of(&[Part::Mirror]), of(&[Part::SigningSite]));
    let mut groups = Vec::new();
    if !mirrors.is_empty() {
        if sites.iter().any(|site| site.part == Part::House) {
            let both = of(&[Part::Mirror, Part::House]);
            groups.push((Loss::AllMirrorsAndHouse, both));
        }
        groups.push((Loss::AllMirrors, mirrors));
    }
    if !signing.is_empty() {
        groups.push((Loss::AllSigningSites, signing));
    }
    groups
}

/// The failures of one foundation that take a whole group, and whether there may be others.
fn judge(foundation: Foundation, (loss, group): &(Loss, Vec<&Site>)) -> (Vec<Blow>, Option<Doubt>) {
    let of = |site: &Site| site.stands_on.0.get(&foundation).cloned();
    // Labels as they were written first, once each.
    let mut labels: BTreeMap<String, String> = BTreeMap::new();
    for label in group.iter().filter_map(|site| of(site)).flatten() {
        labels.entry(same(&label)).or_insert(label);
    }
    let takes_all = |label: &str| {
        let mut sites = group.iter();
        sites.all(|site| site.stands_on.falls_with(foundation, label))
    };
    let blows = labels.values().filter(|label| takes_all(label));
    let blows: Vec<Blow> = blows
        .map(|label| Blow {
            foundation,
            label: label.clone(),
            loss: *loss,
        })
        .collect();
    let unknown: Vec<String> = group
        .iter()
        .filter(|site| of(site).is_none())
        .map(|site| site.name.clone())
        .collect();
    // Those that are known share something, or there are none: the unknown ones may stand on it too.
    let known: Vec<BTreeSet<String>> = group
        .iter()
        .filter_map(|site| of(site))
        .map(|labels| labels.iter().map(|label| same(label)).collect())
        .collect();
    let common = known
        .iter()
        .skip(1)
        .fold(known.first().cloned(), |common, labels| {
            common.map(|common| &common & labels)
        });
    let may_share = common.is_none_or(|common| !common.is_empty());
    let doubt = (!unknown.is_empty() && may_share).then_some(Doubt {
        foundation,
        loss: *loss,
        unknown,
    });
    (blows, doubt)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `mirror one: host=a dns_zone=x,y registrar=` declares a mirror; `registrar=` says that it needs none.
    fn site(text: &str) -> Site {
        let (head, rest) = text.split_once(':').unwrap();
        let (part, name) = head.split_once(' ').unwrap_or((head, "house"));
        let part = match part {
            "mirror" => Part::Mirror,
            "signer" => Part::SigningSite,
            "house" => Part::House,
            other => panic!("{other}"),
        };
        let declared = rest.split_whitespace().map(|field| {
            let (key, labels) = field.split_once('=').unwrap();
            let foundation = Foundation::ALL.into_iter().find(|f| f.name() == key);
            let labels = labels.split(',').filter(|label| !label.is_empty());
            (foundation.unwrap(), labels.map(str::to_owned).collect())
        });
        Site {
            part,
            name: name.to_owned(),
            stands_on: StandsOn(declared.collect()),
        }
    }

    #[track_caller]
    fn check(sites: &[&str], blows: &[&str], doubts: &[&str]) {
        let fate = SharedFate::of(sites.iter().map(|text| site(text)).collect());
        let found: Vec<String> = fate
            .blows
            .iter()
            .map(|b| {
                format!(
                    "{} {} takes {}",
                    b.foundation.name(),
                    b.label,
                    b.loss.title()
                )
            })
            .collect();
        assert_eq!(found, blows);
        let found: Vec<String> = fate
            .doubts
            .iter()
            .map(|d| {
                format!(
                    "{} {} {}",
                    d.foundation.name(),
                    d.loss.title(),
                    d.unknown.join(",")
                )
            })
            .collect();
        assert_eq!(found, doubts);
        assert_eq!(
            (fate.is_safe(), fate.is_certain()),
            (blows.is_empty(), doubts.is_empty())
        );
    }

    const NONE: &str = "network= dns_zone= registrar= provider_account=";

    #[test]
    fn what_all_stand_on_takes_all() {
        let on = |name: &str, host: &str| format!("{name}: host={host} {NONE}");
        let sites = |hosts: [&str; 3]| {
            [
                on("mirror one", hosts[0]),
                on("mirror two", hosts[1]),
                on("house", hosts[2]),
            ]
        };
        let with = |hosts: [&str; 3], blows: &[&str]| {
            let sites = sites(hosts);
            check(&sites.each_ref().map(String::as_str), blows, &[]);
        };
        with(["a", "b", "c"], &[]);
        with(["a", "b", "a"], &[]);
        with(["a", "a", "c"], &["host a takes all mirrors"]);
        with(["a", "A ", "c"], &["host a takes all mirrors"]);
        with(
            ["a", "a", "a"],
            &["host a takes all mirrors and our own house"],
        );
        // One that needs two falls with either.
        with(["a,b", "b,c", "d"], &["host b takes all mirrors"]);
        with(
            ["a,b", "a,b", "b"],
            &[
                "host b takes all mirrors and our own house",
                "host a takes all mirrors",
            ],
        );
    }

    #[test]
    fn signing_sites_are_judged_by_themselves() {
        let all = |host: &str| format!("host={host} {NONE}");
        let signers = [
            format!("mirror one: {}", all("a")),
            format!("mirror two: {}", all("b")),
            format!("signer north: {}", all("s")),
            format!("signer south: {}", all("s")),
        ];
        check(
            &signers.each_ref().map(String::as_str),
            &["host s takes all signing sites"],
            &[],
        );
        check(&[], &[], &[]);
        let alone = format!("signer only: {}", all("s"));
        check(&[&alone], &["host s takes all signing sites"], &[]);
    }

    #[test]
    fn unknown_is_never_independent() {
        let rest = NONE;
        // Nothing is known.
        check(
            &[
                &format!("mirror one: {rest}"),
                &format!("mirror two: {rest}"),
            ],
            &[],
            &["host all mirrors one,two"],
        );
        // The one that is known may be shared.
        check(
            &[
                &format!("mirror one: host=a {rest}"),
                &format!("mirror two: {rest}"),
            ],
            &[],
            &["host all mirrors two"],
        );
        // Two that differ: no single host takes all, whatever the third stands on.
        check(
            &[
                &format!("mirror one: host=a {rest}"),
                &format!("mirror two: host=b {rest}"),
                &format!("mirror three: {rest}"),
            ],
            &[],
            &[],
        );
        // All mirrors fall together already; whether the house does too is unknown.
        check(
            &[
                &format!("mirror one: host=a {rest}"),
                &format!("mirror two: host=a {rest}"),
                &format!("house: {rest}"),
            ],
            &["host a takes all mirrors"],
            &["host all mirrors and our own house house"],
        );
        // Not needed is known.
        check(
            &[
                &format!("mirror one: host= {rest}"),
                &format!("mirror two: {rest}"),
            ],
            &[],
            &[],
        );
    }
}
