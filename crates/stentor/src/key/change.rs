//! What happens to keys, each as one command.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use stentor_engine::WordPlaces;
use stentor_publish::{
    Change, Holders, KeyId, Names, OfflineRole, PublicKey, Roster, found_keys, next_online_key,
    online_keys, rotate_single_key, server_keys,
};

use super::people::{Making, Person, public};
use super::steps::Steps;
use super::{failed, founded};
use crate::failure::{Failure, print, say};

/// The roles of a server's keys, in the order of its folder.
const ONLINE: [&str; 3] = ["timestamp", "snapshot", "status"];

/// Who may sign now, and their names.
fn now_in_force(word: &WordPlaces) -> Result<(Roster, Names), Failure> {
    founded(word)?;
    let roster = found_keys(&word.repository).map_err(failed)?;
    let names = Names::load(&word.repository).map_err(failed)?;
    Ok((roster, names))
}

/// Give a role other keys: new holders for root or targets, a new key of this server for the others.
///
/// `minisign` replaces the key for signatures of single files at once: no role names it, so nobody has to sign.
#[derive(Args)]
#[command(
    after_help = "Example:\n  stentor key rotate root --threshold 3 --holder Ada --holder Bo --holder 'Zoe=zoe.pub @ the bank' --holder Cy --holder Dee\n  stentor key rotate timestamp --folder rotation\n  stentor key rotate minisign"
)]
pub(crate) struct Rotate {
    /// The role
    #[arg(value_enum)]
    role: Role,
    /// Every holder from now on: NAME if they hold a key already, else NAME=PUBLICKEY or NAME=new:FILE, and ` @ PLACE`
    #[arg(long, value_name = "HOLDER")]
    holder: Vec<String>,
    /// How many of them must sign; without it, as many as now
    #[arg(long, value_name = "COUNT")]
    threshold: Option<u32>,
    /// The old minisign key is in wrong hands: it does not vouch for the new one
    #[arg(long)]
    stolen: bool,
    #[command(flatten)]
    steps: Steps,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Role {
    /// Which keys count
    Root,
    /// Who speaks
    Targets,
    /// Which versions belong together
    Snapshot,
    /// That this is the newest
    Timestamp,
    /// What is said
    Status,
    /// Single files, for readers who have minisign alone; no role
    Minisign,
}

impl Rotate {
    pub(crate) fn run(self, word: &WordPlaces) -> Result<ExitCode, Failure> {
        let (roster, mut names) = now_in_force(word)?;
        if self.stolen && self.role != Role::Minisign {
            return Err(Failure::usage(
                "--stolen is for minisign; what counts no longer is said with: stentor key revoke",
            ));
        }
        let role = match self.role {
            Role::Minisign => return single(word, self.stolen),
            Role::Root => OfflineRole::Root,
            Role::Targets => OfflineRole::Targets,
            Role::Snapshot => return replace(word, &["snapshot"], names, &self.steps),
            Role::Timestamp => return replace(word, &["timestamp"], names, &self.steps),
            Role::Status => return replace(word, &["status"], names, &self.steps),
        };
        if self.holder.is_empty() {
            return Err(Failure::usage(
                "name every holder from now on with --holder; who keeps a key is named without one: --holder Ada",
            ));
        }
        let before = match role {
            OfflineRole::Root => &roster.root,
            OfflineRole::Targets => &roster.targets,
        };
        let known: Vec<PublicKey> =
            [&before.keys[..], &roster.root.keys, &roster.targets.keys].concat();
        let making = Making {
            passphrase_file: None,
            plain: false,
        };
        let mut keys = Vec::new();
        for holder in &self.holder {
            keys.push(Person::parse(holder).key(&mut names, &known, &making)?);
        }
        let to = Holders {
            keys,
            threshold: self.threshold.unwrap_or(before.threshold),
        };
        self.steps.change(word, &Change::Hand { role, to }, &names)
    }
}

/// A new key for signatures of single files.
fn single(word: &WordPlaces, stolen: bool) -> Result<ExitCode, Failure> {
    let (line, vouched) = rotate_single_key(&word.online, stolen).map_err(Failure::new)?;
    print(&line);
    say(
        "The line above is the new public key, as minisign -P takes it. A running server signs every file with the new one with \
         its next word, within an hour.",
    );
    say(if vouched {
        "Readers who have minisign alone check it by the old one: minisign -Vm minisign.pub -P THE-OLD-KEY"
    } else {
        "The old key does not vouch for it: tell readers who have minisign alone by another way. Others need nothing."
    });
    Ok(ExitCode::SUCCESS)
}

/// A holder's offline key is lost, in wrong hands, or they leave: the others take it out of every role.
#[derive(Args)]
#[command(
    after_help = "Example:\n  stentor key lost Ada --folder loss\n  stentor key lost Ada --replacement 'Zoe=zoe.pub' --folder loss"
)]
pub(crate) struct Lost {
    /// The holder, or the beginning of the key's fingerprint
    name: String,
    /// Who holds a key in their place: NAME=PUBLICKEY or NAME=new:FILE, and ` @ PLACE`
    #[arg(long, value_name = "HOLDER")]
    replacement: Option<String>,
    /// How many must sign from now on, if another number
    #[arg(long, value_name = "COUNT")]
    threshold: Option<u32>,
    #[command(flatten)]
    steps: Steps,
}

impl Lost {
    pub(crate) fn run(self, word: &WordPlaces) -> Result<ExitCode, Failure> {
        let (roster, mut names) = now_in_force(word)?;
        let key = names
            .find(roster.ids().iter(), &self.name)
            .map_err(failed)?;
        let making = Making {
            passphrase_file: None,
            plain: false,
        };
        let instead = match &self.replacement {
            Some(text) => Some(Person::parse(text).key(&mut names, &[], &making)?),
            None => None,
        };
        let change = Change::Lost {
            key,
            instead,
            threshold: self.threshold,
        };
        self.steps.change(word, &change, &names)
    }
}

/// A key of a machine, or of somebody who may speak, is stolen: it counts no longer.
///
/// Keys of this server are replaced by new ones; `online` names all of them. A beacon or a liaison is taken out. Readers
/// then forget the version numbers that the stolen key signed.
#[derive(Args)]
#[command(
    after_help = "Example:\n  stentor key revoke online --folder theft\n  stentor key revoke timestamp.key --folder theft\n  stentor key revoke 'beacon two' --folder theft"
)]
pub(crate) struct Revoke {
    /// The key's name, the beginning of its fingerprint, or `online`
    name: String,
    #[command(flatten)]
    steps: Steps,
}

impl Revoke {
    pub(crate) fn run(self, word: &WordPlaces) -> Result<ExitCode, Failure> {
        let (roster, names) = now_in_force(word)?;
        if self.name == "online" {
            return replace(word, &ONLINE, names, &self.steps);
        }
        let key = names
            .find(roster.ids().iter(), &self.name)
            .map_err(failed)?;
        let ours = server_keys(&word.online).map_err(Failure::new)?;
        let roles = ONLINE.into_iter().zip(ours);
        let ours: Vec<&str> = roles
            .filter(|(_, k)| k.is_some_and(|k| k.id() == key))
            .map(|(role, _)| role)
            .collect();
        if !ours.is_empty() {
            return replace(word, &ours, names, &self.steps);
        }
        let among = |holders: &Holders| holders.keys.iter().any(|k| k.id() == key);
        let change = if among(&roster.timestamp) {
            Change::RemoveBeacon(key)
        } else if among(&roster.status) {
            Change::Undelegate(key)
        } else {
            return Err(Failure::usage(format!(
                "{0} is a key that a person holds offline: stentor key lost {0}",
                self.name
            )));
        };
        self.steps.change(word, &change, &names)
    }
}

/// New keys of this server for these roles.
fn replace(
    word: &WordPlaces,
    roles: &[&str],
    mut names: Names,
    steps: &Steps,
) -> Result<ExitCode, Failure> {
    steps.ready()?;
    let nothing_here = std::fs::read_dir(&word.online).map_or(true, |mut all| all.next().is_none());
    let ours = if nothing_here {
        lost_with_the_machine(word, &names)?.map(Some)
    } else {
        here(word, &names)?
    };
    let mut keys: Vec<(KeyId, PublicKey)> = Vec::new();
    // On a new machine, all keys are new.
    let fresh = match nothing_here {
        true => Some(online_keys(&word.online).map_err(failed)?),
        false => None,
    };
    for (at, (role, old)) in ONLINE.into_iter().zip(ours).enumerate() {
        let Some(old) = old else {
            // People speak with keys of their own, and go on doing so.
            continue;
        };
        if roles.contains(&role) || nothing_here {
            let new = match fresh {
                Some(fresh) => fresh[at],
                None => next_online_key(&word.online, role).map_err(Failure::new)?,
            };
            names.set(new.id(), &format!("{role}.key"), "the server");
            keys.push((old.id(), new));
        }
    }
    if keys.is_empty() {
        return Err(Failure::usage(
            "no key of this server may speak, so there is none to replace; stentor key list shows who may",
        ));
    }
    say(&format!(
        "New keys lie in {} and wait there; the old ones count until this is in force.",
        word.online.display()
    ));
    steps.change(word, &Change::Replace { keys }, &names)
}

/// The keys of this server. One for status that was taken off the machine is known by its name, as long as it counts.
fn here(word: &WordPlaces, names: &Names) -> Result<[Option<PublicKey>; 3], Failure> {
    let roster = found_keys(&word.repository).map_err(failed)?;
    let [timestamp, snapshot, status] = server_keys(&word.online).map_err(Failure::new)?;
    let speakers = &roster.status.keys;
    let called = |key: &&PublicKey| names.of(&key.id()) == "status.key";
    let counting = status.filter(|key| speakers.contains(key));
    let status = counting.or_else(|| speakers.iter().find(called).copied());
    Ok([timestamp, snapshot, status])
}

/// The keys of a server that is gone: those that bear its name, or that are the only ones of their role.
fn lost_with_the_machine(word: &WordPlaces, names: &Names) -> Result<[PublicKey; 3], Failure> {
    let roster = found_keys(&word.repository).map_err(failed)?;
    let of = |role: &str, holders: &Holders| {
        let mut named = holders
            .keys
            .iter()
            .filter(|k| names.of(&k.id()) == format!("{role}.key"));
        let found = match (&holders.keys[..], named.next()) {
            (_, Some(key)) | ([key], None) => Some(*key),
            _ => None,
        };
        found.ok_or_else(|| {
            Failure::usage(format!(
                "which key of {role} was this server's? None is called {role}.key; take it out by its fingerprint first"
            ))
        })
    };
    Ok([
        of("timestamp", &roster.timestamp)?,
        of("snapshot", &roster.snapshot)?,
        of("status", &roster.status)?,
    ])
}

/// Sign root and targets for another year, with the same holders, and let the coming years be spoken of.
#[derive(Args)]
#[command(after_help = "Example:\n  stentor key renew --folder renewal")]
pub(crate) struct Renew {
    #[command(flatten)]
    steps: Steps,
}

impl Renew {
    pub(crate) fn run(self, word: &WordPlaces) -> Result<ExitCode, Failure> {
        let (_, names) = now_in_force(word)?;
        self.steps.change(word, &Change::Renew, &names)
    }
}

/// Let somebody speak with a key of their own, or let them no longer.
#[derive(Args)]
#[command(
    after_help = "Example:\n  stentor key delegate --add dora.pub --name Dora --folder delegation\n  stentor key delegate --remove Dora --folder delegation"
)]
#[group(id = "whom", required = true, multiple = false, args = ["add", "remove"])]
pub(crate) struct Delegate {
    /// Their public key: a file, or the line itself
    #[arg(long, value_name = "PUBLICKEY", requires = "name")]
    add: Option<String>,
    /// Who they are
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Who may speak no longer
    #[arg(long, value_name = "NAME")]
    remove: Option<String>,
    #[command(flatten)]
    steps: Steps,
}

impl Delegate {
    pub(crate) fn run(self, word: &WordPlaces) -> Result<ExitCode, Failure> {
        let (roster, mut names) = now_in_force(word)?;
        let change = match (&self.add, &self.name, &self.remove) {
            (Some(key), Some(name), _) => {
                let key = public(key)?;
                names.set(key.id(), name, "");
                Change::Delegate(key)
            }
            (_, _, Some(name)) => {
                let ids: Vec<KeyId> = roster.status.keys.iter().map(PublicKey::id).collect();
                Change::Undelegate(names.find(ids.iter(), name).map_err(failed)?)
            }
            _ => return Err(Failure::usage("name --add and --name, or --remove")),
        };
        self.steps.change(word, &change, &names)
    }
}

/// Let a beacon confirm that the newest word is the newest; it can say nothing else.
#[derive(Args)]
#[command(
    after_help = "Example:\n  stentor key add-beacon beacon/timestamp.pub --name 'beacon two' --folder beacon-joins"
)]
pub(crate) struct AddBeacon {
    /// The public half of its timestamp.key: a file, or the line itself
    public_key: String,
    /// Its name
    #[arg(long, value_name = "NAME")]
    name: String,
    #[command(flatten)]
    steps: Steps,
}

impl AddBeacon {
    pub(crate) fn run(self, word: &WordPlaces) -> Result<ExitCode, Failure> {
        let (_, mut names) = now_in_force(word)?;
        let key = public(&self.public_key)?;
        names.set(key.id(), &self.name, "");
        self.steps.change(word, &Change::AddBeacon(key), &names)
    }
}

/// Take a beacon out, when it is given up or was taken over.
#[derive(Args)]
#[command(after_help = "Example:\n  stentor key remove-beacon 'beacon two' --folder beacon-leaves")]
pub(crate) struct RemoveBeacon {
    /// Its name, or the beginning of its key's fingerprint
    name: String,
    #[command(flatten)]
    steps: Steps,
}

impl RemoveBeacon {
    pub(crate) fn run(self, word: &WordPlaces) -> Result<ExitCode, Failure> {
        let (roster, names) = now_in_force(word)?;
        let ids: Vec<KeyId> = roster.timestamp.keys.iter().map(PublicKey::id).collect();
        let key = names.find(ids.iter(), &self.name).map_err(failed)?;
        self.steps.change(word, &Change::RemoveBeacon(key), &names)
    }
}
