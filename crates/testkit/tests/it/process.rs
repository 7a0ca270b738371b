use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt;

use stentor_testkit::process::{Process, free_address, installed, target_dir};
use tokio::process::Command;

fn shell(script: &str) -> Process {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    Process::spawn(command)
}

#[tokio::test]
async fn lines_of_both_streams_are_caught() {
    let mut process = shell("echo one; echo two >&2; read line; echo \"got $line\"");
    process.wait_for_stdout("one").await;
    assert_eq!(process.wait_for_stderr("tw").await, "two");
    process.write_line("three").await;
    process.wait_for_stdout("got three").await;
    assert!(process.wait().await.success());
    assert_eq!(process.stdout.all(), ["one", "got three"]);
}

#[tokio::test]
async fn kill9_leaves_no_time_for_farewells() {
    let mut process = shell("trap 'echo farewell' TERM EXIT; echo up; while :; do sleep 1; done");
    process.wait_for_stdout("up").await;
    process.kill9().await;
    assert_eq!(process.wait().await.signal(), Some(9));
    assert_eq!(process.stdout.all(), ["up"]);
}

#[tokio::test]
async fn signals_arrive() {
    let mut process = shell("trap 'exit 3' HUP; echo up; while :; do sleep 0.05; done");
    process.wait_for_stdout("up").await;
    process.signal("HUP").await;
    assert_eq!(process.wait().await.code(), Some(3));
}

#[test]
fn a_free_address_can_be_taken() {
    TcpListener::bind(free_address()).unwrap();
    assert!(target_dir().join("CACHEDIR.TAG").is_file());
}

#[test]
#[should_panic(expected = "apt-get install the-package")]
fn a_missing_program_is_named_with_its_package() {
    let _ = installed("no-such-program", "the-package");
}
