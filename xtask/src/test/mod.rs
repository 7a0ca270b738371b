//! `cargo xtask test`: what a change must pass, one step after the other.

mod parts;
mod steps;

use crate::shell::{Failure, Stopwatch};
use steps::{Ended, STEPS, Step};

/// What the command line asked for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    /// Names of the steps to run; empty means all.
    only: Vec<String>,
    /// Name what is missing instead of installing it.
    no_install: bool,
}

pub(crate) fn help() -> String {
    let steps: String = STEPS
        .iter()
        .map(|step| format!("  {:<10} {}\n", step.name, step.what))
        .collect();
    format!(
        "Checks everything a change must pass and stops at the first step that fails.\n\n\
         Usage: cargo xtask test [--only STEP]... [--no-install]\n\n\
         Steps, in this order:\n{steps}\n\
         Options:\n\
         \x20 --only STEP    run this step only; may be given several times\n\
         \x20 --no-install   name the missing Debian packages instead of installing them\n\
         \x20 -h, --help     print this\n\n\
         Packages are installed by apt-get as root or by passwordless sudo, and no service is started.\n\n\
         Example:\n\
         \x20 cargo xtask test                            everything, as CI runs it\n\
         \x20 cargo xtask test --only fmt --only clippy   before a commit\n"
    )
}

pub(crate) fn run(args: &[String]) -> Result<(), Failure> {
    let options = parse(args)?;
    let chosen: Vec<&Step> = STEPS
        .iter()
        .filter(|step| options.only.is_empty() || options.only.iter().any(|n| n == step.name))
        .collect();
    let whole = Stopwatch::start();
    let mut report = Vec::new();
    let mut skipped = 0;
    for (i, step) in chosen.iter().enumerate() {
        println!(
            "\n[{}/{}] {}: {}",
            i + 1,
            chosen.len(),
            step.name,
            step.what
        );
        let watch = Stopwatch::start();
        let ended = (step.run)(options.no_install)
            .map_err(|failure| explain(step, &watch.read(), &failure))?;
        let line = match ended {
            Ended::Passed => format!("{:<10} passed in {}", step.name, watch.read()),
            Ended::PassedWith(note) => {
                format!("{:<10} passed in {}: {note}", step.name, watch.read())
            }
            Ended::Skipped(why) => {
                skipped += 1;
                format!("{:<10} skipped: {why}", step.name)
            }
        };
        println!("{line}");
        report.push(line);
    }
    println!("\n{}", report.join("\n"));
    println!(
        "\nok: {} passed, {skipped} skipped, in {}",
        report.len() - skipped,
        whole.read()
    );
    Ok(())
}

fn explain(step: &Step, time: &str, failure: &Failure) -> Failure {
    Failure::Failed(format!(
        "step `{}` failed after {time}: {failure}\n\
         what to do: {}\n\
         again, this step only: cargo xtask test --only {}",
        step.name, step.remedy, step.name
    ))
}

fn parse(args: &[String]) -> Result<Options, Failure> {
    let usage = |what: String| Failure::Usage(format!("{what}\nSee `cargo xtask test --help`."));
    let mut options = Options::default();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let name = match arg.as_str() {
            "--no-install" => {
                options.no_install = true;
                continue;
            }
            "--only" => args
                .next()
                .ok_or_else(|| usage("--only needs the name of a step".into()))?,
            other => other
                .strip_prefix("--only=")
                .ok_or_else(|| usage(format!("`{other}` is not an option of this task")))?,
        };
        if !STEPS.iter().any(|step| step.name == name) {
            let names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
            let names = names.join(", ");
            return Err(usage(format!(
                "no step is called `{name}`; there are {names}"
            )));
        }
        options.only.push(name.to_owned());
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_read_strictly() {
        let check = |line: &str, expect: Result<(&[&str], bool), &str>| {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            match (parse(&words), expect) {
                (Ok(options), Ok((only, no_install))) => {
                    assert_eq!(options.only, only, "{line}");
                    assert_eq!(options.no_install, no_install, "{line}");
                }
                (Err(failure), Err(part)) => {
                    assert_eq!(failure.code(), 2, "{line}");
                    assert!(failure.to_string().contains(part), "{line}: {failure}");
                }
                (got, expect) => panic!("{line}: {got:?} instead of {expect:?}"),
            }
        };
        check("", Ok((&[], false)));
        check("--only fmt --only=clippy", Ok((&["fmt", "clippy"], false)));
        check("--no-install", Ok((&[], true)));
        check("--only", Err("needs the name"));
        check("--only fnt", Err("no step is called `fnt`"));
        check("--only --no-install", Err("no step is called"));
        check("fmt", Err("not an option"));
    }

    #[test]
    fn help_names_each_step() {
        for step in STEPS {
            assert!(help().contains(step.what), "{}", step.name);
        }
    }
}
