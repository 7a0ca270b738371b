//! Sending many files over HTTP: what no reader can know of yet goes several at a time, the rest one by one.

use futures::StreamExt as _;
use futures::stream;
use stentor_publish::{Done, Mirror, Step, Undone};

/// So many files are under way at once.
const AT_ONCE: usize = 8;

/// Does the steps in their order; targets, which nothing names before all of them are there, side by side.
pub(crate) async fn apply(
    mirror: &dyn Mirror,
    steps: &[Step<'_>],
    done: Done<'_>,
) -> Result<(), Undone> {
    let targets = steps.iter().take_while(|step| is_target(step)).count();
    let first: Vec<_> = steps[..targets]
        .iter()
        .enumerate()
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
