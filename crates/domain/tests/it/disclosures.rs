//! What is public: what was disclosed, and nothing else (WORD-7).

use stentor_domain::bulletin::{Impact, StatusPage};
use stentor_domain::disclosure::Public;
use stentor_domain::world::World;

use crate::example::{changed, example};
use crate::story::Story;

fn page(story: &Story) -> Public<StatusPage> {
    story.state.status_page(story.world, story.now_ms).unwrap()
}

fn impact_of(page: &StatusPage, name: &str) -> Option<Impact> {
    let component = page.components.iter().find(|c| c.name == name);
    component.unwrap().impact
}

#[test]
fn an_incident_is_public_from_its_first_word_on() {
    let mut story = Story::new(example());
    let quiet = page(&story);
    let names: Vec<_> = quiet.components.iter().map(|c| c.name.as_str()).collect();
    let expected = [
        "Accounts and login",
        "Packages and updates",
        "www.example.org",
    ];
    assert_eq!(names, expected);
    story.fires("Down", "website", "page").ack("ada");
    assert_eq!(page(&story), quiet, "an incident alone says nothing");
    story.publish("first", "ada");
    let said = page(&story);
    assert_eq!(impact_of(&said, "www.example.org"), Some(Impact::Partial));
    assert_eq!(impact_of(&said, "Accounts and login"), None);
    assert_eq!((said.current.len(), said.past.len()), (1, 0));
    // That people resolved it becomes public by a word too.
    story.at("00:10").resolve("ada");
    assert_eq!(page(&story), said);
    story.publish("resolved", "ada");
    let over = page(&story);
    assert_eq!((over.current.len(), over.past.len()), (0, 1));
    assert_eq!(impact_of(&over, "www.example.org"), None);
    let numbers: Vec<_> = over.past[0].updates.iter().map(|u| u.number).collect();
    assert_eq!(numbers, [1, 2]);
    // A closing word promises nothing.
    assert_eq!(over.past[0].latest().next_update_ms, None);
}

#[test]
fn a_drills_word_is_not_on_the_live_page() {
    let mut story = Story::new(example());
    let quiet = page(&story);
    story.world = World::Drill(1);
    story.must(stentor_domain::command::Command::StartDrill {
        scenario: "first".into(),
        by: "ada".into(),
        pace: 1,
    });
    story
        .fires("Down", "website", "page")
        .ack("ada")
        .publish("first", "ada");
    assert_eq!(page(&story).world, World::Drill(1));
    assert_eq!(page(&story).current.len(), 1);
    story.world = World::Live;
    assert_eq!(page(&story), quiet);
}

#[test]
fn a_service_without_public_name_is_not_named() {
    let unnamed = (
        "services/website.toml",
        "public_name = \"www.example.org\"",
        "",
    );
    let mut story = Story::new(changed(&[unnamed]));
    story
        .fires("Down", "website", "page")
        .ack("ada")
        .publish("first", "ada");
    let said = page(&story);
    assert!(said.current[0].components.is_empty());
    assert!(!format!("{:?} {:?}", said.components, said.current).contains("Website"));
    let title = &said.current[0].latest().title;
    assert_eq!(title, "Example Linux: we are looking into a problem");
}

#[test]
fn an_old_end_leaves_the_page_when_something_new_is_said() {
    let mut story = Story::new(example());
    story
        .fires("Down", "website", "page")
        .ack("ada")
        .publish("first", "ada")
        .resolve("ada");
    story.publish("resolved", "ada");
    story.now_ms += 90 * 86_400_000 - 1;
    story
        .fires("Down", "login", "page")
        .take_command("ada")
        .publish("first", "ada");
    assert_eq!(page(&story).past.len(), 1);
    story.now_ms += 1;
    story.publish("update", "ada");
    assert_eq!(page(&story).past.len(), 0);
    assert_eq!(page(&story).current.len(), 1);
}
