//! The command line.

use crate::failure::Failure;

/// What the command line asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    /// Scenarios whose names contain one of these; empty means all.
    pub(crate) only: Vec<String>,
    /// Scenarios that are played at the same time.
    pub(crate) jobs: usize,
}

pub(crate) fn parse(args: &[String]) -> Result<Options, Failure> {
    let mut options = Options {
        only: Vec::new(),
        jobs: 12,
    };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match (arg.as_str(), args.next()) {
            ("--only", Some(part)) if !part.is_empty() => options.only.push(part.clone()),
            ("--jobs", Some(n)) => {
                let jobs = n.parse().ok().filter(|n| (1..=32).contains(n));
                options.jobs =
                    jobs.ok_or_else(|| Failure::Usage(format!("{n:?} is not 1 to 32")))?;
            }
            _ => return Err(Failure::Usage(format!("{arg:?} is not understood"))),
        }
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read() {
        let check = |line: &str, expect: Option<(&[&str], usize)>| {
            let args: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            let expect = expect.map(|(only, jobs)| Options {
                only: only.iter().map(|&part| part.to_owned()).collect(),
                jobs,
            });
            assert_eq!(parse(&args).ok(), expect, "{line}");
        };
        check("", Some((&[], 12)));
        check("--only a --only b --jobs 2", Some((&["a", "b"], 2)));
        check("--jobs 0", None);
        check("--jobs 33", None);
        check("--only", None);
        check("a b", None);
    }
}
