//! A publisher and two beacons in virtual time, cut off from mirrors, killed at any moment, with wrong clocks. Mirrors
//! watch what is written; readers with a memory look at every mirror after each step.
//!
//! All waiting is virtual and comes from the seed, so a seed always tells the same story.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use stentor_verify::{Fetch, FetchError, Remembered, Verdict, Verification};
use tokio::time::{Instant, sleep, timeout};

use super::support::{House, now, word};
use crate::plan::TIMESTAMP;
use crate::{Beacon, BeaconSettings, Mirror, MirrorError, Place, Publisher, Settings};

/// Numbers from a seed (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

const ACTORS: [&str; 3] = ["publisher", "a", "b"];
/// Mirrors: two of the publisher's, one of each beacon's, one that the publisher and beacon a write.
const MIRRORS: [&str; 5] = ["one", "two", "own a", "own b", "shared"];

/// What all mirrors hold, and who is cut off from which.
#[derive(Default)]
struct World {
    disks: Mutex<BTreeMap<&'static str, BTreeMap<String, Vec<u8>>>>,
    cut: Mutex<BTreeSet<(&'static str, &'static str)>>,
    /// By its number: the hash of the one snapshot that was ever signed for.
    snapshots: Mutex<BTreeMap<u64, String>>,
}

impl World {
    /// What must hold of every timestamp that reaches a mirror.
    fn judge(&self, mirror: &str, before: Option<&Vec<u8>>, bytes: &[u8]) {
        let read = |bytes: &[u8]| {
            let file: Value = serde_json::from_slice(bytes).unwrap();
            let pin = file["signed"]["meta"]["snapshot.json"].clone();
            (file["signed"]["version"].as_u64().unwrap(), pin)
        };
        let (version, pin) = read(bytes);
        let snapshot = pin["version"].as_u64().unwrap();
        assert_eq!(
            version / 1_000_000_000,
            snapshot,
            "an older word outranks no newer one"
        );
        let hash = pin["hashes"]["sha256"].as_str().unwrap().to_owned();
        let mut snapshots = self.snapshots.lock().unwrap();
        let known = snapshots.entry(snapshot).or_insert_with(|| hash.clone());
        assert_eq!(*known, hash, "one number, one word");
        let before = before.map_or(0, |bytes| read(bytes).0);
        // Where two write, the one may overwrite what the other has just written, and puts it back.
        assert!(
            mirror == "shared" || version >= before,
            "{mirror} went back"
        );
    }
}

/// A mirror as one actor reaches it.
struct View {
    actor: &'static str,
    mirror: &'static str,
    world: Arc<World>,
    random: Mutex<Random>,
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
                self.world.judge(self.mirror, disk.get(path), bytes);
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
struct OnDisk<'a>(&'a World, &'static str);

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

struct Story {
    house: House,
    world: Arc<World>,
    random: Random,
    begun: Instant,
    /// By how much a clock is wrong.
    wrong: BTreeMap<&'static str, SignedDuration>,
    readers: BTreeMap<&'static str, Remembered>,
}

impl Story {
    fn new(seed: u64) -> Self {
        Self {
            house: House::new(),
            world: Arc::default(),
            random: Random(seed),
            begun: Instant::now(),
            wrong: BTreeMap::new(),
            readers: BTreeMap::new(),
        }
    }

    fn view(&mut self, actor: &'static str, mirror: &'static str) -> Box<dyn Mirror> {
        Box::new(View {
            actor,
            mirror,
            world: Arc::clone(&self.world),
            random: Mutex::new(Random(self.random.next())),
        })
    }

    fn time(&self) -> Timestamp {
        now() + SignedDuration::try_from(self.begun.elapsed()).unwrap()
    }

    fn clock(&self, actor: &str) -> Timestamp {
        self.time() + self.wrong.get(actor).copied().unwrap_or_default()
    }

    fn publisher(&mut self) -> Publisher {
        let mirrors = ["one", "two", "shared"].map(|mirror| self.view("publisher", mirror));
        Publisher::open(Settings {
            world: self.house.world,
            repository: &self.house.path("repository"),
            online: &self.house.path("online"),
            mirrors: mirrors.into(),
            timeout: Duration::from_secs(60),
        })
        .unwrap()
    }

    fn beacon(&mut self, actor: &'static str, writes: &[&str]) -> Beacon {
        let place = |mirror: &'static str| Place {
            mirror: self.view(actor, mirror),
            writes: writes.contains(&mirror),
        };
        let places = MIRRORS.map(place).into();
        Beacon::open(BeaconSettings {
            root: self.house.founded.root.clone(),
            key: &self.house.path("online/timestamp.key"),
            places,
            timeout: Duration::from_secs(60),
            state: Some(self.house.path(&format!("state {actor}"))),
            always: false,
        })
        .unwrap()
    }

    fn trouble(&mut self) {
        let mut cut = self.world.cut.lock().unwrap();
        cut.clear();
        for actor in ACTORS {
            for mirror in MIRRORS {
                if self.random.chance(20) {
                    cut.insert((actor, mirror));
                }
            }
        }
        for actor in ACTORS {
            let hours = match self.random.below(10) {
                0 => 24,
                1 => -24,
                2 => 3,
                3 => -3,
                _ => 0,
            };
            self.wrong.insert(actor, SignedDuration::from_hours(hours));
        }
    }

    /// How long somebody lives: sometimes not to the end of what they do.
    fn life(&mut self) -> Duration {
        if self.random.chance(30) {
            Duration::from_millis(self.random.below(12_000))
        } else {
            Duration::from_secs(3_600)
        }
    }

    /// Everybody who is there does what they do, at the same time.
    async fn step(&mut self, number: u64) {
        let there = self.random.chance(50);
        let says = self.random.chance(60);
        let mut publisher = self.publisher();
        let mut a = self.beacon("a", &["own a", "shared"]);
        let mut b = self.beacon("b", &["own b"]);
        let clocks = ACTORS.map(|actor| self.clock(actor));
        let lives = [self.life(), self.life(), self.life()];
        let publish = async {
            if there && says {
                let _ = publisher.say(word(&number.to_string()), clocks[0]).await;
            } else if there {
                let _ = publisher.resign_timestamp(clocks[0]).await;
            }
        };
        let (_, a, b) = tokio::join!(
            timeout(lives[0], publish),
            timeout(lives[1], a.round(clocks[1])),
            timeout(lives[2], b.round(clocks[2])),
        );
        for (actor, own, round) in [("a", "own a", a), ("b", "own b", b)] {
            let Ok(Ok(round)) = round else {
                continue;
            };
            let right = self.wrong.get(actor).is_none_or(|w| w.is_zero());
            // Nothing was said yet, or nothing was reached.
            let Some(written) = round.written.iter().find(|o| o.mirror == own) else {
                continue;
            };
            let confirmed = round.fresh_until.is_some_and(|until| until > self.time());
            if right && confirmed && written.result.is_ok() {
                let verdict = self.read(own).await;
                assert_eq!(verdict, Verdict::Fresh, "{own} at step {number}");
            }
        }
        for mirror in MIRRORS {
            let verdict = self.read(mirror).await;
            if let Verdict::NotAuthentic { what } = verdict
                && mirror != "shared"
            {
                let late = what.iter().all(|w| w.contains("at the top"));
                assert!(late, "{mirror} at step {number}: {what:?}");
            }
        }
    }

    /// What a reader of one mirror who remembers is told.
    async fn read(&mut self, mirror: &'static str) -> Verdict {
        let disk = OnDisk(&self.world, mirror);
        let outcome = Verification {
            remembered: self.readers.get(mirror),
            ..Verification::new(&disk, &self.house.founded.root, self.time())
        }
        .run()
        .await;
        self.readers.insert(mirror, outcome.remember);
        outcome.report.verdict
    }

    /// In the end all is well again, everywhere, for all who remember.
    async fn ends_well(&mut self) {
        self.world.cut.lock().unwrap().clear();
        self.wrong.clear();
        let at = self.time();
        let mut publisher = self.publisher();
        let said = publisher.say(word("the end"), at).await.unwrap();
        let said = publisher.to_the_end(said).await;
        assert!(said.is_everywhere(), "{said:?}");
        for (actor, own) in [("a", "own a"), ("b", "own b")] {
            let at = self.time();
            let round = self.beacon(actor, &[own]).round(at).await.unwrap();
            assert_eq!(round.snapshot, said.snapshot);
            assert!(round.is_well(at), "{round:?}");
        }
        for mirror in MIRRORS {
            assert_eq!(self.read(mirror).await, Verdict::Fresh, "{mirror}");
        }
    }
}

async fn tell(seed: u64) {
    let mut story = Story::new(seed);
    for number in 0..20 {
        let minutes = 5 + story.random.below(150);
        sleep(Duration::from_secs(60 * minutes)).await;
        story.trouble();
        story.step(number).await;
    }
    story.ends_well().await;
}

macro_rules! stories {
    ($($name:ident: $seed:literal,)*) => {$(
        #[tokio::test(start_paused = true)]
        async fn $name() {
            tell($seed).await;
        }
    )*};
}

stories! {
    story_1: 1,
    story_2: 2,
    story_3: 3,
    story_4: 4,
    story_5: 5,
    story_6: 6,
    story_7: 7,
    story_8: 8,
}

/// More of them, with `STENTOR_STORIES=FROM..TO`.
#[tokio::test(start_paused = true)]
#[ignore = "takes long; for a night"]
#[expect(clippy::disallowed_methods, reason = "how many is said from outside")]
async fn many_stories() {
    let range = std::env::var("STENTOR_STORIES").unwrap_or_else(|_| "100..200".to_owned());
    let (from, to) = range.split_once("..").unwrap();
    for seed in from.parse::<u64>().unwrap()..to.parse().unwrap() {
        tell(seed).await;
    }
}
