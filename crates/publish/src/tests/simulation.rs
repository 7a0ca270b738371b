//! A publisher and two beacons in virtual time, cut off from mirrors, killed at any moment, with wrong clocks, and with
//! one mirror in the hands of a forger. Mirrors watch what is written; readers with a memory look at every mirror after
//! each step.
//!
//! A beacon that breaks one of its rules is noticed: the same stories are told with such ones.
//!
//! All waiting is virtual and comes from the seed, so a seed always tells the same story.

mod world;

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use stentor_verify::{Remembered, Verdict, Verification};
use tokio::time::{Instant, sleep, timeout};

use super::support::{House, now, word};
use crate::beacon::broken::Rule;
use crate::{Beacon, BeaconSettings, Mirror, Place, Publisher, Settings};
use world::{ACTORS, FORGED, MIRRORS, OnDisk, Random, View, World, signed};

/// Longer than one look at all mirrors takes.
const LOOK: Duration = Duration::from_secs(2);

struct Story {
    house: House,
    world: Arc<World>,
    random: Random,
    begun: Instant,
    /// By how much a clock is wrong.
    wrong: BTreeMap<&'static str, SignedDuration>,
    readers: BTreeMap<&'static str, Remembered>,
    /// The rule that beacons break, if any.
    breaks: Option<Rule>,
}

impl Story {
    fn new(seed: u64, breaks: Option<Rule>) -> Self {
        Self {
            house: House::new(),
            world: Arc::default(),
            random: Random(seed),
            begun: Instant::now(),
            wrong: BTreeMap::new(),
            readers: BTreeMap::new(),
            breaks,
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
        let places = MIRRORS.into_iter().chain([FORGED]).map(place).collect();
        let mut beacon = Beacon::open(BeaconSettings {
            root: self.house.founded.root.clone(),
            key: &self.house.path("online/timestamp.key"),
            places,
            timeout: Duration::from_secs(60),
            state: Some(self.house.path(&format!("state {actor}"))),
            // The other one signs when it is due: each sees what the other does to it.
            always: actor == "b",
        })
        .unwrap();
        beacon.breaks = self.breaks;
        beacon
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
        drop(cut);
        let clocks = ACTORS.map(|actor| (actor, self.clock(actor)));
        *self.world.clocks.lock().unwrap() = clocks.into();
        self.world.forge();
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
            timeout(lives[1], timed(a.round(clocks[1]))),
            timeout(lives[2], timed(b.round(clocks[2]))),
        );
        for (actor, own, round) in [("a", "own a", a), ("b", "own b", b)] {
            let Ok((Ok(round), over)) = round else {
                continue;
            };
            let known = round.snapshot == 0 || self.world.was_said(round.snapshot);
            assert!(known, "{actor} confirms what nobody said, at step {number}");
            let highest = self.world.highest(actor, over - LOOK);
            assert!(
                round.timestamp >= highest,
                "{actor} left {highest} for {} at step {number}",
                round.timestamp
            );
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
        for actor in ["a", "b"] {
            self.note_what_was_kept(actor);
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

    /// What a beacon signed and remembers, and did not live to write.
    fn note_what_was_kept(&self, actor: &'static str) {
        let memory = self.house.path(&format!("state {actor}/beacon.json"));
        let Ok(memory) = std::fs::read(memory) else {
            return;
        };
        let memory: Value = serde_json::from_slice(&memory).unwrap();
        let Some(timestamp) = memory["timestamp"].as_str() else {
            return;
        };
        let (version, _) = signed(timestamp.as_bytes());
        if !self.world.numbers.lock().unwrap().contains(&version) {
            let clock = self.world.clocks.lock().unwrap()[actor];
            let mut kept = self.world.kept.lock().unwrap();
            kept.entry((actor, version)).or_insert(clock);
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
        let clocks = ACTORS.map(|actor| (actor, self.time()));
        *self.world.clocks.lock().unwrap() = clocks.into();
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

/// Does it, and says when it was over.
async fn timed<T>(work: impl Future<Output = T>) -> (T, Instant) {
    let done = work.await;
    (done, Instant::now())
}

async fn tell(seed: u64, breaks: Option<Rule>) {
    let mut story = Story::new(seed, breaks);
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
            tell($seed, None).await;
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

/// Tells stories with beacons that break a rule, until one is noticed by what it did.
async fn is_noticed(rule: Rule, by: &str) {
    for seed in 1..=8 {
        let told = AssertUnwindSafe(tell(seed, Some(rule))).catch_unwind();
        let Err(said) = told.await else {
            continue;
        };
        let said = said.downcast_ref::<String>().unwrap();
        assert!(said.contains(by), "{rule:?}, noticed otherwise: {said}");
        return;
    }
    panic!("nobody noticed {rule:?}");
}

macro_rules! broken {
    ($($name:ident: $rule:ident by $by:literal,)*) => {$(
        #[tokio::test(start_paused = true)]
        async fn $name() {
            is_noticed(Rule::$rule, $by).await;
        }
    )*};
}

broken! {
    not_reading_first_is_noticed: ReadsFirst by " left ",
    not_putting_back_is_noticed: PutsTheHigherBack by " left ",
    signing_far_ahead_is_noticed: KeepsToItsDay by "too far ahead",
    not_verifying_is_noticed: Verifies by "what nobody said",
}

/// More of them, with `STENTOR_STORIES=FROM..TO`.
#[tokio::test(start_paused = true)]
#[ignore = "takes long; for a night"]
#[expect(clippy::disallowed_methods, reason = "how many is said from outside")]
async fn many_stories() {
    let range = std::env::var("STENTOR_STORIES").unwrap_or_else(|_| "100..200".to_owned());
    let (from, to) = range.split_once("..").unwrap();
    for seed in from.parse::<u64>().unwrap()..to.parse().unwrap() {
        tell(seed, None).await;
    }
}
