//! Starting and stopping.

use stentor_testkit::process::free_address;
use stentor_testkit::webhook::Answer;

use super::drop_in::DropIn;
use super::sink::Sink;
use crate::support::{alerts, http, listening, run, stop, until};

#[tokio::test]
async fn a_peer_that_it_would_never_hear_of_is_refused() {
    let sink = Sink::start().await;
    let drop_in = DropIn::new(&sink.config(0, 300));
    let mut command = drop_in.command();
    let peer = free_address().to_string();
    command.args(["--cluster.peer", &peer]);
    let ran = run(command).await;
    assert_eq!(ran.code, 2, "{ran:?}");
    for part in [peer.as_str(), "--database", "would send every notification"] {
        assert!(ran.stderr.contains(part), "{part} in {ran:?}");
    }
}

#[tokio::test]
async fn a_bad_file_is_refused_with_all_its_problems_and_their_places() {
    let bad = "route:\n  receiver: nobody\n  group_wait: soon\nreceivers:\n- name: sink\n  webhook_configs:\n  - url: ':'\n\
               inhibit_rules:\n- source_matchers: ['=']\n";
    let drop_in = DropIn::new(bad);
    let ran = run(drop_in.command()).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    for place in ["2:13", "3:15", "7:10", "9:21"] {
        let place = format!("alertmanager.yml:{place}");
        assert!(ran.stderr.contains(&place), "{place} in {}", ran.stderr);
    }
    assert!(
        !drop_in.storage().exists(),
        "nothing was made for a configuration that is none"
    );
}

#[tokio::test]
async fn it_ends_while_a_receiver_hangs_and_tells_it_after_the_next_start() {
    let sink = Sink::start().await;
    sink.plan([Answer::Hang]);
    let drop_in = DropIn::new(&sink.config(0, 300));
    let server = drop_in.start().await;
    alerts::post(drop_in.address, &[alerts::firing("Late", "shop")]).await;
    sink.wait("Late", "firing", 1).await;
    stop(server).await;
    let _server = drop_in.start().await;
    let told = sink.wait("Late", "firing", 2).await;
    assert_eq!(told[0].id, told[1].id);
}

#[tokio::test]
async fn peers_know_it_by_the_address_that_it_advertises() {
    let sink = Sink::start().await;
    let drop_in = DropIn::new(&sink.config(0, 300));
    let mut command = drop_in.command();
    command.arg("--cluster.advertise-address=192.0.2.7:9094");
    let _server = listening(command).await;
    until("it says of itself where it is", async || {
        let status = drop_in.get("/api/v2/status").await;
        (status["cluster"]["peers"][0]["address"] == "192.0.2.7:9094").then_some(())
    })
    .await;
}

#[tokio::test]
async fn routes_may_have_another_prefix_than_the_external_url_and_a_process_no_cluster() {
    let sink = Sink::start().await;
    let drop_in = DropIn::new(&sink.config(0, 300));
    let mut command = crate::support::stentor();
    command.arg("alertmanager");
    command.arg("--config.file").arg(drop_in.config());
    command.arg("--storage.path").arg(drop_in.storage());
    command.arg(format!("--web.listen-address={}", drop_in.address));
    command.args([
        "--web.external-url=https://example.org/alerts/",
        "--web.route-prefix=/",
    ]);
    command.arg("--cluster.listen-address=");
    let _server = listening(command).await;
    alerts::post(drop_in.address, &[alerts::firing("One", "shop")]).await;
    let told = sink.wait("One", "firing", 1).await;
    assert_eq!(told[0].by, "https://example.org/alerts");
    let prefixed = http::get(drop_in.address, "/alerts/-/ready").await;
    assert_eq!(prefixed.status, 404);
    let status = drop_in.get("/api/v2/status").await;
    assert_eq!(status["cluster"]["status"], "disabled", "{status:#}");
}
