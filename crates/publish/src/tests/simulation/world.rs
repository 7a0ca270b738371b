//! What the simulation takes place in: mirrors that watch what is written, ways to them that are cut, and a forger.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value;
use stentor_verify::{Fetch, FetchError};
use tokio::time::{Instant, sleep};

use crate::plan::TIMESTAMP;
use crate::{Mirror, MirrorError};

/// Numbers from a seed (SplitMix64).
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub(super) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

pub(super) const ACTORS: [&str; 3] = ["publisher", "a", "b"];
/// Mirrors: two of the publisher's, one of each beacon's, one that the publisher and beacon a write.
pub(super) const MIRRORS: [&str; 5] = ["one", "two", "own a", "own b", "shared"];
/// A mirror that only beacons read. Whoever holds it shows words that nobody signed.
pub(super) const FORGED: &str = "forged";

/// What all mirrors hold, and who is cut off from which.
#[derive(Default)]
pub(super) struct World {
    pub(super) disks: Mutex<BTreeMap<&'static str, BTreeMap<String, Vec<u8>>>>,
    pub(super) cut: Mutex<BTreeSet<(&'static str, &'static str)>>,
    /// By its number: the hash of the one snapshot that was ever signed for.
    snapshots: Mutex<BTreeMap<u64, String>>,
    /// Timestamps that reached a mirror: when, which, and the number.
    reached: Mutex<Vec<(Instant, &'static str, u64)>>,
    /// Numbers of timestamps that somebody has written.
    pub(super) numbers: Mutex<BTreeSet<u64>>,
    /// By actor: what its clock shows.
    pub(super) clocks: Mutex<BTreeMap<&'static str, Timestamp>>,
    /// What its clock showed when an actor signed what it could only write in a later life.
    pub(super) kept: Mutex<BTreeMap<(&'static str, u64), Timestamp>>,
}

/// Number of a timestamp, and what it says of its snapshot.
pub(super) fn signed(bytes: &[u8]) -> (u64, Value) {
    let file: Value = serde_json::from_slice(bytes).unwrap();
    let pin = file["signed"]["meta"]["snapshot.json"].clone();
    (file["signed"]["version"].as_u64().unwrap(), pin)
}

impl World {
    /// What must hold of every timestamp that reaches a mirror.
    fn judge(
        &self,
        actor: &'static str,
        mirror: &'static str,
        before: Option<&Vec<u8>>,
        bytes: &[u8],
    ) {
        let (version, pin) = signed(bytes);
        let snapshot = pin["version"].as_u64().unwrap();
        assert_eq!(
            version / 1_000_000_000,
            snapshot,
            "an older word outranks no newer one"
        );
        let hash = pin["hashes"]["sha256"].as_str().unwrap().to_owned();
        let mut snapshots = self.snapshots.lock().unwrap();
        if actor == "publisher" {
            snapshots.entry(snapshot).or_insert_with(|| hash.clone());
        }
        let known = snapshots.get(&snapshot);
        assert_eq!(known, Some(&hash), "one number, one word, the publisher's");
        // Whoever writes a number first has signed it.
        if self.numbers.lock().unwrap().insert(version) {
            let minute = i64::try_from(version % 1_000_000_000).unwrap();
            let then = self.kept.lock().unwrap().get(&(actor, version)).copied();
            let clock = then.unwrap_or_else(|| self.clocks.lock().unwrap()[actor]);
            let day = clock.as_second() / 60 + 24 * 60;
            assert!(minute <= day, "{actor} signed too far ahead");
        }
        let reached = (Instant::now(), mirror, version);
        self.reached.lock().unwrap().push(reached);
        let before = before.map_or(0, |bytes| signed(bytes).0);
        // Where two write, the one may overwrite what the other has just written, and puts it back.
        assert!(
            mirror == "shared" || version >= before,
            "{mirror} went back"
        );
    }

    /// Whether the publisher has brought a snapshot of this number to a mirror.
    pub(super) fn was_said(&self, snapshot: u64) -> bool {
        self.snapshots.lock().unwrap().contains_key(&snapshot)
    }

    /// The highest timestamp that had reached mirrors by then which `actor` can read; what two overwrite left out.
    pub(super) fn highest(&self, actor: &'static str, by: Instant) -> u64 {
        let cut = self.cut.lock().unwrap();
        let reached = self.reached.lock().unwrap();
        let seen = reached.iter().filter(|(at, mirror, _)| {
            *at <= by && *mirror != "shared" && !cut.contains(&(actor, *mirror))
        });
        seen.map(|(.., version)| *version).max().unwrap_or(0)
    }

    /// The forger takes what mirror one shows, and makes a newer word of it.
    pub(super) fn forge(&self) {
        let mut disks = self.disks.lock().unwrap();
        let Some(mut forged) = disks.get("one").cloned() else {
            return;
        };
        let Some(timestamp) = forged.get(TIMESTAMP) else {
            return;
        };
        let (version, pin) = signed(timestamp);
        let number = pin["version"].as_u64().unwrap();
        let name = |number: u64| format!("metadata/{number}.snapshot.json");
        let change = |bytes: &[u8], change: &dyn Fn(&mut Value)| {
            let mut file: Value = serde_json::from_slice(bytes).unwrap();
            change(&mut file["signed"]);
            serde_json::to_vec(&file).unwrap()
        };
        let snapshot = change(&forged[&name(number)], &|signed| {
            signed["version"] = (number + 1_000).into();
        });
        let timestamp = change(timestamp, &|signed| {
            signed["version"] = (version + 1_000 * 1_000_000_000).into();
            signed["meta"]["snapshot.json"]["version"] = (number + 1_000).into();
        });
        forged.insert(name(number + 1_000), snapshot);
        forged.insert(TIMESTAMP.to_owned(), timestamp);
        disks.insert(FORGED, forged);
    }
}

/// A mirror as one actor reaches it.
pub(super) struct View {
    pub(super) actor: &'static str,
    pub(super) mirror: &'static str,
    pub(super) world: Arc<World>,
    pub(super) random: Mutex<Random>,
}

impl View {
    async fn way(&self) -> bool {
        let wait = self.random.lock().unwrap().below(300);
        sleep(Duration::from_millis(wait)).await;
        let cut = self.world.cut.lock().unwrap();
        !cut.contains(&(self.actor, self.mirror))
    }
}

#[async_trait]
impl Mirror for View {
    fn name(&self) -> &str {
        self.mirror
    }

    async fn read(&self, path: &str, _: u64) -> Result<Vec<u8>, FetchError> {
        if !self.way().await {
            return Err(FetchError::Unreachable("cut off".to_owned()));
        }
        OnDisk(&self.world, self.mirror).fetch(path, 0).await
    }

    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), MirrorError> {
        if !self.way().await {
            return Err(MirrorError::Failed("cut off".to_owned()));
        }
        {
            let mut disks = self.world.disks.lock().unwrap();
            let disk = disks.entry(self.mirror).or_default();
            if path == TIMESTAMP {
                self.world
                    .judge(self.actor, self.mirror, disk.get(path), bytes);
            }
            disk.insert(path.to_owned(), bytes.to_vec());
        }
        // Done, and perhaps nobody hears of it.
        self.way().await;
        Ok(())
    }

    async fn delete(&self, path: &str) -> Result<(), MirrorError> {
        self.way().await;
        let mut disks = self.world.disks.lock().unwrap();
        disks.entry(self.mirror).or_default().remove(path);
        Ok(())
    }
}

/// A mirror as a reader finds it.
pub(super) struct OnDisk<'a>(pub(super) &'a World, pub(super) &'static str);

#[async_trait]
impl Fetch for OnDisk<'_> {
    fn name(&self) -> String {
        self.1.to_owned()
    }

    async fn fetch(&self, path: &str, _: u64) -> Result<Vec<u8>, FetchError> {
        let disks = self.0.disks.lock().unwrap();
        let file = disks.get(self.1).and_then(|disk| disk.get(path));
        file.cloned().ok_or(FetchError::NotFound)
    }
}
