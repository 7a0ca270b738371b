//! `cargo xtask simulate`: plays small worlds of the engine's simulation from seeds.

use crate::shell::{Failure, cargo, show};

/// What the command line asked for.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    seed: u64,
    runs: u64,
}

pub(crate) fn help() -> String {
    "Plays small worlds of the simulated engine, each from a seed, and stops at the first that breaks a promise.\n\n\
     Usage: cargo xtask simulate --seed N [--runs M]\n\n\
     Options:\n\
     \x20 --seed N     play this seed\n\
     \x20 --runs M     play the seeds N, N+1, … : M of them; with one only, print what happened [default: 1]\n\
     \x20 -h, --help   print this\n\n\
     Example:\n\
     \x20 cargo xtask simulate --seed 42                 see how a failed seed went\n\
     \x20 cargo xtask simulate --seed 1000 --runs 500    look for seeds that fail\n"
        .to_owned()
}

pub(crate) fn run(args: &[String]) -> Result<(), Failure> {
    let Options { seed, runs } = parse(args)?;
    let mut command = cargo(&["test", "--package", "stentor-engine", "--test", "it", "--"]);
    command
        .args(["--exact", "simulation::the_seed_asked_for"])
        .args(["--ignored", "--nocapture"])
        .env("STENTOR_SIMULATION_SEED", seed.to_string())
        .env("STENTOR_SIMULATION_RUNS", runs.to_string());
    if show(&mut command)? {
        return Ok(());
    }
    Err(Failure::Failed("a promise was broken; see above".into()))
}

fn parse(args: &[String]) -> Result<Options, Failure> {
    let (mut seed, mut runs) = (None, 1);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let mut number = || {
            let value = args.next().and_then(|value| value.parse().ok());
            value.ok_or_else(|| Failure::Usage(format!("`{arg}` needs a number")))
        };
        match arg.as_str() {
            "--seed" => seed = Some(number()?),
            "--runs" => runs = number()?,
            other => {
                let text = format!("`{other}` is not an option; see `cargo xtask simulate --help`");
                return Err(Failure::Usage(text));
            }
        }
    }
    let seed: u64 = seed.ok_or_else(|| Failure::Usage("say which seed: `--seed N`".into()))?;
    let overflows = seed.checked_add(runs).is_none();
    if runs == 0 || overflows {
        return Err(Failure::Usage("there is no such row of seeds".into()));
    }
    Ok(Options { seed, runs })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read() {
        let check = |line: &str, expect: Option<(u64, u64)>| {
            let args: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            let found = parse(&args).ok().map(|o| (o.seed, o.runs));
            assert_eq!(found, expect, "{line}");
        };
        check("--seed 7", Some((7, 1)));
        check("--seed 7 --runs 20", Some((7, 20)));
        check("--runs 20 --seed 7", Some((7, 20)));
        check("", None);
        check("--runs 20", None);
        check("--seed", None);
        check("--seed x", None);
        check("--seed -1", None);
        check("--seed 7 --runs 0", None);
        check("--seed 18446744073709551615 --runs 2", None);
        check("--seeds 7", None);
    }
}
