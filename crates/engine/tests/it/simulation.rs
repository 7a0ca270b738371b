//! Many small worlds, each from a seed. A seed that fails is played again by `cargo xtask simulate --seed N`.

use crate::world::play;

/// Worlds in an ordinary run of the tests.
const WORLDS: u64 = 12;

/// Plays the worlds of some seeds; stops at the first in which something happened that must not.
fn check(seeds: impl Iterator<Item = u64>) {
    for seed in seeds {
        let outcome = play(seed);
        assert!(
            outcome.complaints.is_empty(),
            "seed {seed}:\n{}\nTo play it again: cargo xtask simulate --seed {seed}",
            outcome.complaints.join("\n")
        );
    }
}

#[test]
fn small_worlds_keep_their_promises() {
    check(0..WORLDS / 2);
}

#[test]
fn more_small_worlds_keep_their_promises() {
    check(WORLDS / 2..WORLDS);
}

#[test]
fn a_world_is_decided_by_its_seed() {
    for seed in [3, 8] {
        let (first, second) = (play(seed).trace, play(seed).trace);
        let differs = first.iter().zip(&second).find(|(a, b)| a != b);
        assert_eq!(differs, None, "seed {seed}");
        assert_eq!(first.len(), second.len());
        assert!(first.len() > 100, "something happens");
    }
}

/// What `cargo xtask simulate` runs.
#[test]
#[ignore = "plays the seed that the environment names"]
fn the_seed_asked_for() {
    let number = |name: &str| -> Option<u64> { std::env::var_os(name)?.to_str()?.parse().ok() };
    let seed = number("STENTOR_SIMULATION_SEED").unwrap_or_default();
    let runs = number("STENTOR_SIMULATION_RUNS").unwrap_or(1);
    if runs == 1 {
        let outcome = play(seed);
        println!("{}", outcome.trace.join("\n"));
        assert!(outcome.complaints.is_empty(), "{:#?}", outcome.complaints);
    }
    check(seed..seed + runs);
}
