//! `stentor init`: a data directory with the example organisation and all keys.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use stentor_domain::world::World;
use stentor_engine::{Clock, Places, SystemClock};
use stentor_publish::{Founding, found};

use crate::example;
use crate::failure::{Failure, print, say};

/// Create a data directory: an example organisation to change into your own, and all keys.
#[derive(Args)]
#[command(
    after_help = "Example:\n  stentor init ./stentor-data\n  $EDITOR ./stentor-data/config/stentor.toml\n  stentor check ./stentor-data"
)]
pub(crate) struct Init {
    /// The directory to create
    #[arg(default_value = "stentor-data")]
    dir: PathBuf,
    /// Make no keys of the public word: several holders will, with `stentor key ceremony`
    #[arg(long)]
    ceremony: bool,
}

impl Init {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        if self.ceremony {
            place(&self.dir, |places| fill(places, None))?;
            say(&format!(
                "Created {dir}, without keys of the public word. Next:\n  1. change the files of {dir}/config into your own organisation\n  2. stentor check {dir}\n  3. stentor key ceremony --dir {dir}\n  4. stentor up --dir {dir}",
                dir = self.dir.display()
            ));
            return Ok(ExitCode::SUCCESS);
        }
        let root = create(&self.dir, None)?;
        print(&root);
        say(&format!(
            "Created {dir}. Next:\n  1. change the files of {dir}/config into your own organisation\n  2. stentor check {dir}\n  3. move {dir}/offline to a place that is not connected; the server never opens it\n  4. stentor up --dir {dir}\nThe line above is the fingerprint of the first trusted root: print it, publish it, give it to your readers.",
            dir = self.dir.display()
        ));
        Ok(ExitCode::SUCCESS)
    }
}

/// Whether a data directory was created completely.
pub(crate) fn exists(dir: &Path) -> bool {
    Places {
        data: dir.to_owned(),
        credentials: None,
    }
    .keys()
    .join("instance.key")
    .exists()
}

/// Creates a data directory and answers with the fingerprint of its first trusted root. It appears complete or not at
/// all, so that a run that was cut short can simply be repeated.
pub(crate) fn create(dir: &Path, console_url: Option<&str>) -> Result<String, Failure> {
    place(dir, |places| {
        let fingerprint = found_word(places)?;
        fill(places, console_url)?;
        Ok(fingerprint)
    })
}

fn place<T>(dir: &Path, fill: impl FnOnce(&Places) -> Result<T, Failure>) -> Result<T, Failure> {
    let occupied = fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
    if occupied {
        let dir = dir.display();
        return Err(Failure::usage(format!(
            "{dir} exists and is not empty; choose another directory"
        )));
    }
    let name = dir
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let partial = dir.with_file_name(format!(".{name}.{}", std::process::id()));
    let places = Places {
        data: partial.clone(),
        credentials: None,
    };
    let made = fill(&places);
    let placed = made.and_then(|made| {
        let _ = fs::remove_dir(dir);
        fs::rename(&partial, dir).map_err(at(dir))?;
        Ok(made)
    });
    if placed.is_err() {
        let _ = fs::remove_dir_all(&partial);
    }
    placed
}

/// Makes all keys of the public word, and the repository.
fn found_word(places: &Places) -> Result<String, Failure> {
    private_dir(&places.data)?;
    let word = places.word();
    let founding = Founding {
        organisation: "Example Linux",
        world: World::Live,
        offline: &word.offline,
        online: &word.online,
        repository: &word.repository,
    };
    let founded = found(&founding, SystemClock.now()).map_err(Failure::new)?;
    Ok(founded.fingerprint)
}

fn fill(places: &Places, console_url: Option<&str>) -> Result<(), Failure> {
    private_dir(&places.data)?;
    for (path, text) in example::FILES {
        let text = match console_url {
            Some(url) if *path == "stentor.toml" => {
                text.replace(example::CONSOLE_URL, &format!("console_url = \"{url}\""))
            }
            _ => (*text).to_owned(),
        };
        let path = places.configuration().join(path);
        private_dir(path.parent().unwrap_or(&places.data))?;
        private_file(&path, text.as_bytes())?;
    }
    private_dir(&places.configuration().join("secrets"))?;
    private_dir(&places.keys())?;
    private_dir(&places.heads())?;
    private_file(
        &places.keys().join("head.key"),
        hex::encode(random()?).as_bytes(),
    )?;
    private_file(
        &places.keys().join("node"),
        hex::encode(&random()?[..8]).as_bytes(),
    )?;
    // Written last: its presence says that all the rest is there.
    private_file(
        &places.keys().join("instance.key"),
        hex::encode(random()?).as_bytes(),
    )
}

pub(crate) fn at(path: &Path) -> impl Fn(std::io::Error) -> Failure {
    let path = path.display().to_string();
    move |e| Failure::new(format!("{path}: {e}"))
}

pub(crate) fn private_dir(path: &Path) -> Result<(), Failure> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(at(path))
}

pub(crate) fn private_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(at(path))?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(at(path))
}

pub(crate) fn random() -> Result<[u8; 32], Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(Failure::new)?;
    Ok(bytes)
}
