//! The key for single files while it is replaced, judged by minisign's own program.

use std::path::Path;

use stentor_verify::Verdict;

use super::render::troubled;
use super::support::{House, assert_everywhere, hours};
use crate::{Publisher, rotate_single_key};

/// What minisign says about a file of mirror one, by a key in one line.
fn accepts(house: &House, key: &str, file: &str) -> bool {
    let minisign = stentor_testkit::process::installed("minisign", "minisign");
    let output = std::process::Command::new(minisign)
        .current_dir(house.path("one"))
        .args(["-V", "-P", key, "-m", file])
        .output();
    output.unwrap().status.success()
}

/// The key that a mirror shows, in one line.
fn shown(house: &House) -> String {
    let file = std::fs::read_to_string(house.path("one/minisign.pub")).unwrap();
    file.lines().nth(1).unwrap().to_owned()
}

fn rotate(house: &House, stolen: bool) -> (String, bool) {
    rotate_single_key(&house.path("online"), stolen).unwrap()
}

async fn publish(house: &House, publisher: &mut Publisher, at: i64) {
    let said = publisher.publish_page(&troubled(), hours(at)).await;
    assert_everywhere(&said.unwrap());
    let report = house.verify("one", hours(at)).await;
    assert_eq!(report.verdict, Verdict::Fresh, "{at}");
}

const FILES: [&str; 3] = ["index.html", "feed.atom", "incidents/2026/INC-7.html"];

#[tokio::test]
async fn a_new_key_for_single_files_is_vouched_for_by_the_old_one() {
    let house = House::new();
    let mut running = house.publisher();
    publish(&house, &mut running, 1).await;
    let first = shown(&house);
    assert!(FILES.iter().all(|file| accepts(&house, &first, file)));
    let handover = house.path("one/minisign.pub.minisig");
    assert!(!handover.exists());

    let (second, vouched) = rotate(&house, false);
    assert!(vouched && second != first);
    // The server runs on, and nothing was said anew but by the hour.
    publish(&house, &mut running, 2).await;
    assert_eq!(shown(&house), second);
    for file in FILES {
        assert!(
            accepts(&house, &second, file) && !accepts(&house, &first, file),
            "{file}"
        );
    }
    assert!(
        accepts(&house, &first, "minisign.pub"),
        "the old key vouches"
    );
    assert!(!accepts(&house, &second, "minisign.pub"));

    // Killed before the new key was laid down: what was written for it counts for nothing.
    let online = house.path("online");
    let key = std::fs::read(online.join("minisign.key")).unwrap();
    rotate(&house, false);
    std::fs::write(online.join("minisign.key"), key).unwrap();
    publish(&house, &mut running, 3).await;
    assert_eq!(shown(&house), second);
    assert!(!handover.exists());

    // In wrong hands, it vouches for nothing.
    let (third, vouched) = rotate(&house, true);
    assert!(!vouched);
    publish(&house, &mut running, 4).await;
    assert!(accepts(&house, &third, "index.html") && !handover.exists());
    // A key that is gone is no longer used, and the next one begins anew.
    std::fs::remove_file(online.join("minisign.key")).unwrap();
    publish(&house, &mut running, 5).await;
    assert!(!house.path("one/minisign.pub").exists());
    assert!(!rotate(&house, false).1);
    publish(&house, &mut running, 6).await;
    assert!(accepts(&house, &shown(&house), "index.html"));
    let private = |name: &str| {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(Path::new(&online).join(name)).unwrap();
        mode.permissions().mode() & 0o777 == 0o600
    };
    assert!(private("minisign.key"));
}
