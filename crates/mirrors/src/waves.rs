//! Sending many files over HTTP: what no reader can know of yet goes several at a time, the rest one by one.

use std::collections::HashSet;

use futures::StreamExt as _;
use futures::stream;
use stentor_publish::{Done, Mirror, Step, Undone};

/// So many files are under way at once.
const AT_ONCE: usize = 8;

/// Does the steps in their order; targets, which nothing names before all of them are there, side by side. Where folders
/// have to be made, the first file of each goes alone: two that make a folder at once get in each other's way.
pub(crate) async fn apply(
    mirror: &dyn Mirror,
    steps: &[Step<'_>],
    done: Done<'_>,
    makes_folders: bool,
) -> Result<(), Undone> {
    let targets = steps.iter().take_while(|step| is_target(step)).count();
    let mut folders = HashSet::new();
    let (alone, together): (Vec<_>, Vec<_>) = steps[..targets]
        .iter()
        .enumerate()
        .partition(|(_, step)| makes_folders && folders.insert(folder(step.path())));
    for (index, step) in alone {
        one(mirror, *step, index, done).await?;
    }
    let first: Vec<_> = together
        .into_iter()
        .map(|(index, step)| one(mirror, *step, index, done))
        .collect();
    let mut first = stream::iter(first).buffer_unordered(AT_ONCE);
    while let Some(taken) = first.next().await {
        taken?;
    }
    for (index, step) in steps.iter().enumerate().skip(targets) {
        one(mirror, *step, index, done).await?;
    }
    Ok(())
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn is_target(step: &Step<'_>) -> bool {
    matches!(step, Step::Put { path, .. } if path.starts_with("targets/"))
}

async fn one(
    mirror: &dyn Mirror,
    step: Step<'_>,
    index: usize,
    done: Done<'_>,
) -> Result<(), Undone> {
    let taken = match step {
        Step::Put { path, bytes } => mirror.write(path, bytes).await,
        Step::Delete { path } => mirror.delete(path).await,
    };
    taken.map_err(|why| step.undone(why))?;
    done(index);
    Ok(())
}
