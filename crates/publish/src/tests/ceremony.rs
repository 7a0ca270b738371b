//! Founding, and what a server gets of it.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use stentor_domain::world::World;

use super::support::{House, assert_everywhere, files, now, word};
use crate::{
    CeremonyError, Founding, KeyError, PublishError, Publisher, RepositoryError, Settings, found,
};

#[test]
fn keys_are_private_and_the_offline_ones_apart() {
    let house = House::new();
    assert_eq!(files(&house.path("offline")), ["root.key", "targets.key"]);
    assert_eq!(
        files(&house.path("online")),
        [
            "minisign.key",
            "snapshot.key",
            "status.key",
            "timestamp.key"
        ]
    );
    let mode = |path: &str| {
        std::fs::metadata(house.path(path))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    for dir in ["offline", "online"] {
        assert_eq!(mode(dir), 0o700);
        for file in files(&house.path(dir)) {
            assert_eq!(mode(&format!("{dir}/{file}")), 0o600);
        }
    }
    let root = std::fs::read(house.path("repository/root.json")).unwrap();
    assert_eq!(root, house.founded.root);
    assert_eq!(
        house.founded.fingerprint,
        stentor_verify::fingerprint(&root)
    );
    let text = String::from_utf8(root).unwrap();
    assert!(
        text.contains(r#""organisation":"Example <Org>""#)
            && text.contains(r#""expires":"2027-11-20T02:10:00Z""#)
    );
}

#[tokio::test]
async fn a_server_works_without_the_offline_folder() {
    let house = House::new();
    std::fs::remove_dir_all(house.path("offline")).unwrap();
    let publication = house.publisher().say(word("hello"), now()).await.unwrap();
    assert_everywhere(&publication);
}

#[test]
fn a_publisher_is_founded_once() {
    let house = House::new();
    let before = std::fs::read(house.path("offline/root.key")).unwrap();
    let again = Founding {
        organisation: "x",
        world: World::Live,
        offline: &house.path("offline"),
        online: &house.path("elsewhere"),
        repository: &house.path("elsewhere too"),
    };
    assert!(matches!(
        found(&again, now()),
        Err(CeremonyError::NotEmpty(_))
    ));
    assert_eq!(
        std::fs::read(house.path("offline/root.key")).unwrap(),
        before
    );
    assert!(!house.path("elsewhere").exists());
}

#[test]
fn other_worlds_and_other_keys_are_refused() {
    let live = House::new();
    let drill = House::of(World::Drill(1));
    let open = |world, repository: &House, online: &House| {
        Publisher::open(Settings {
            world,
            repository: &repository.path("repository"),
            online: &online.path("online"),
            mirrors: Vec::new(),
            timeout: Duration::from_secs(1),
        })
        .err()
    };
    assert!(open(World::Live, &live, &live).is_none());
    assert!(open(World::Drill(1), &drill, &drill).is_none());
    for (world, house) in [
        (World::Drill(1), &live),
        (World::Live, &drill),
        (World::Drill(2), &drill),
    ] {
        let refused = open(world, house, house);
        assert!(
            matches!(
                refused,
                Some(PublishError::Repository(RepositoryError::WrongWorld { .. }))
            ),
            "{refused:?}"
        );
    }
    let refused = open(World::Live, &live, &drill);
    assert!(
        matches!(
            refused,
            Some(PublishError::Repository(RepositoryError::WrongKey { .. }))
        ),
        "{refused:?}"
    );

    std::fs::set_permissions(
        live.path("online/status.key"),
        std::fs::Permissions::from_mode(0o640),
    )
    .unwrap();
    let refused = open(World::Live, &live, &live);
    assert!(
        matches!(refused, Some(PublishError::Key(KeyError::Exposed { .. }))),
        "{refused:?}"
    );
}
