//! A disk that is full: of a directory mirror, and of the publisher's own repository.

use std::path::Path;

use stentor_domain::mirror::MirrorPlace;
use stentor_publish::{LocalMirror, Publisher};
use stentor_testkit::small_disk::SmallDisk;
use stentor_verify::{LocalDir, Verdict};

use crate::places::start;
use crate::publication::{House, hours, page, publisher_of, settled};

/// Large enough for some words, in bytes.
const DISK: u64 = 32 << 20;

/// How much room is left, in bytes: more each time, in large steps until a word fits, then from the step before in steps of
/// what the smallest file takes. So each of the last files is once the first that finds no room.
struct Room {
    left: u64,
    more: u64,
}

impl Room {
    const LARGE: u64 = 32 << 10;
    const SMALL: u64 = 4 << 10;

    fn none() -> Self {
        Self {
            left: 0,
            more: Self::LARGE,
        }
    }

    /// The next, unless all were tried.
    fn after(self, fitted: bool) -> Option<Self> {
        match self.more {
            Self::LARGE if fitted => Some(Self {
                left: self.left.saturating_sub(Self::LARGE) + Self::SMALL,
                more: Self::SMALL,
            }),
            Self::LARGE => Some(Self {
                left: self.left + Self::LARGE,
                more: Self::LARGE,
            }),
            // A word grows a little with each, so the step that fitted may not fit any more.
            _ => (!self.left.is_multiple_of(Self::LARGE)).then_some(Self {
                left: self.left + Self::SMALL,
                more: Self::SMALL,
            }),
        }
    }
}

fn shows(mirror: &Path, word: &str) -> bool {
    let text = std::fs::read_to_string(mirror.join("status.txt")).unwrap();
    text.contains(word)
}

/// Files that were begun and not finished.
fn begun(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(begun(&path));
        } else if path
            .file_name()
            .unwrap()
            .to_string_lossy()
            .starts_with(".new-")
        {
            found.push(path.display().to_string());
        }
    }
    found
}

#[tokio::test]
async fn a_mirror_without_room_keeps_its_word_and_takes_the_next() {
    let disk = match SmallDisk::mount(DISK).await {
        Ok(disk) => disk,
        Err(why) => return eprintln!("not tried, because no disk can be mounted here: {why}"),
    };
    let (mut place, house) = (start("directory").await, House::new());
    let kept = disk.at("mirror");
    place.spec.place = MirrorPlace::Directory {
        directory: kept.display().to_string(),
    };
    let mut publisher = house.publisher(vec![place.open()]);
    publisher.publish(&page("Word 0"), hours(0)).await.unwrap();
    settled(&publisher).await.unwrap();
    let (mut tried, mut refused, mut before) = (Room::none(), 0, "Word 0".to_owned());
    for hour in 1.. {
        let room = tried.left;
        disk.fill(room);
        let word = format!("Word {hour}");
        publisher.publish(&page(&word), hours(hour)).await.unwrap();
        let pushed = settled(&publisher).await;
        // Whatever there was room for: readers find one whole word, and nothing half done lies about.
        let report = house.verify(&LocalDir::new(&kept), hours(hour)).await;
        assert_eq!(report.verdict, Verdict::Fresh, "{room} bytes left");
        assert_eq!(begun(&kept), [""; 0], "{room} bytes left");
        if let Err(failure) = &pushed {
            refused += 1;
            let said = failure.to_string();
            assert!(
                said.contains("cannot write") && said.contains("No space left"),
                "{said}"
            );
            assert!(shows(&kept, &before), "{room} bytes left");
        }
        let fitted = pushed.is_ok();
        disk.make_room();
        publisher.push(hours(hour)).await.unwrap();
        settled(&publisher).await.unwrap();
        assert!(shows(&kept, &word), "{room} bytes left");
        before = word;
        let Some(next) = tried.after(fitted) else {
            break;
        };
        tried = next;
    }
    assert!(refused > 5, "the disk was full {refused} times");
}

#[tokio::test]
async fn a_publisher_without_room_says_nothing_and_goes_on() {
    let disk = match SmallDisk::mount(DISK).await {
        Ok(disk) => disk,
        Err(why) => return eprintln!("not tried, because no disk can be mounted here: {why}"),
    };
    let (house, shown) = (House::new(), tempfile::tempdir().unwrap());
    for folder in ["repository", "online"] {
        copy(&house.folder().join(folder), &disk.at(folder));
    }
    let mirror = shown.path().join("mirror");
    let open = || -> Publisher {
        publisher_of(
            &disk.at(""),
            vec![Box::new(LocalMirror::new("one", &mirror))],
        )
    };
    let mut publisher = open();
    publisher.publish(&page("Word 0"), hours(0)).await.unwrap();
    settled(&publisher).await.unwrap();
    let (mut tried, mut refused, mut before) = (Room::none(), 0, "Word 0".to_owned());
    for hour in 1.. {
        let room = tried.left;
        disk.fill(room);
        let (word, mut fitted) = (format!("Word {hour}"), false);
        match publisher.publish(&page(&word), hours(hour)).await {
            Ok(_) => {
                before.clone_from(&word);
                fitted = true;
            }
            Err(error) => {
                refused += 1;
                let said = error.to_string();
                assert!(
                    said.contains("cannot write") && said.contains("No space left"),
                    "{said}"
                );
            }
        }
        let _ = settled(&publisher).await;
        let report = house.verify(&LocalDir::new(&mirror), hours(hour)).await;
        assert_eq!(report.verdict, Verdict::Fresh, "{room} bytes left");
        assert!(shows(&mirror, &before), "{room} bytes left");
        disk.make_room();
        // Every other time the power fails as well.
        if hour % 2 == 0 {
            drop(publisher);
            publisher = open();
        }
        publisher.publish(&page(&word), hours(hour)).await.unwrap();
        settled(&publisher).await.unwrap();
        let report = house.verify(&LocalDir::new(&mirror), hours(hour)).await;
        assert_eq!(report.verdict, Verdict::Fresh, "{room} bytes left");
        assert!(shows(&mirror, &word), "{room} bytes left");
        before = word;
        let Some(next) = tried.after(fitted) else {
            break;
        };
        tried = next;
    }
    assert!(refused > 5, "the disk was full {refused} times");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, to) = {
            let entry = entry.unwrap();
            (entry.path(), to.join(entry.file_name()))
        };
        if path.is_dir() {
            copy(&path, &to);
        } else {
            std::fs::copy(&path, &to).unwrap();
        }
    }
}
