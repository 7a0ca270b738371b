//! Several processes with one database: they know each other, and one of them tells.

use std::collections::BTreeSet;

use stentor_testkit::postgres::PrivatePostgres;
use stentor_testkit::process::Process;
use stentor_testkit::webhook::Answer;
use tokio::task::JoinSet;

use super::drop_in::{DropIn, silence};
use super::sink::Sink;
use crate::support::http::send;
use crate::support::{alerts, stop, until};

/// Processes that share a database.
struct Cluster {
    nodes: Vec<(DropIn, Process)>,
}

impl Cluster {
    async fn start(size: usize, config: &str) -> Self {
        let made = || PrivatePostgres::shared().database();
        let database = tokio::task::spawn_blocking(made).await.unwrap();
        // All at once, as after a power cut: the database is empty, and each of them wants to fill it.
        let mut starting = JoinSet::new();
        for _ in 0..size {
            let node = DropIn::sharing(&database, config);
            starting.spawn(async move {
                let server = node.start().await;
                (node, server)
            });
        }
        Self {
            nodes: starting.join_all().await,
        }
    }

    /// As Prometheus does it: everybody is sent everything.
    async fn post(&self, name: &str) {
        let alert = alerts::firing(name, "shop");
        let mut posting = JoinSet::new();
        for (node, _) in &self.nodes {
            let (to, alert) = (node.address, [alert.clone()]);
            posting.spawn(async move { alerts::post(to, &alert).await });
        }
        posting.join_all().await;
    }

    /// Waits until every process lists exactly those that run.
    async fn know_each_other(&self) {
        let expect: BTreeSet<String> = self.nodes.iter().map(|(n, _)| n.peer.to_string()).collect();
        for (node, _) in &self.nodes {
            until("all list all", async || {
                let cluster = node.get("/api/v2/status").await["cluster"].clone();
                let peers = cluster["peers"].as_array()?.iter();
                let peers = peers.map(|p| p["address"].as_str().unwrap().to_owned());
                let names = cluster["peers"].as_array()?.iter();
                let own = names.filter(|p| p["name"] == cluster["name"]).count();
                (cluster["status"] == "ready"
                    && own == 1
                    && peers.collect::<BTreeSet<_>>() == expect)
                    .then_some(())
            })
            .await;
        }
    }

    /// Takes out the process that says of itself that it is reached at this URL.
    fn take(&mut self, by: &str) -> (DropIn, Process) {
        let at = self.nodes.iter().position(|(node, _)| {
            let port = format!(":{}", node.address.port());
            by.ends_with(&port)
        });
        self.nodes.remove(at.unwrap())
    }
}

#[tokio::test]
async fn three_processes_are_one_to_a_receiver_that_is_long_out_of_order() {
    let sink = Sink::start().await;
    let cluster = Cluster::start(3, &sink.config(0, 300)).await;
    cluster.know_each_other().await;

    cluster.post("Once").await;
    sink.wait("Once", "firing", 1).await;

    // Longer than the 15 seconds after which Alertmanager's second peer takes the first for dead.
    let retry_after = vec![("retry-after", "16".to_owned())];
    sink.plan([Answer::status(500), Answer::Status(500, retry_after)]);
    cluster.post("Broken").await;
    let told = sink.wait("Broken", "firing", 3).await;
    assert!(told.iter().all(|t| t.id == told[0].id), "{told:#?}");

    // A silence that one was told of holds for all, and what was told is not told again.
    let quiet = silence("alertname", "Quiet");
    let answer = cluster.nodes[1].0.post("/api/v2/silences", &quiet).await;
    let id = answer.unwrap().json()["silenceID"].clone();
    for (node, _) in &cluster.nodes {
        until("the silence is known", async || {
            (node.get("/api/v2/silences").await[0]["id"] == id).then_some(())
        })
        .await;
    }
    cluster.post("Quiet").await;
    cluster.post("Last").await;
    sink.wait("Last", "firing", 1).await;
    assert_eq!(sink.about("Once").len(), 1, "{:#?}", sink.told());
    assert_eq!(sink.about("Broken").len(), 3, "{:#?}", sink.told());
    assert!(sink.about("Quiet").is_empty());
}

#[tokio::test]
async fn who_is_killed_while_it_tells_is_replaced() {
    let sink = Sink::start().await;
    sink.plan([Answer::Hang]);
    let mut cluster = Cluster::start(2, &sink.config(0, 300)).await;
    cluster.post("Cut").await;
    let first = sink.wait("Cut", "firing", 1).await.remove(0);
    let (_gone, mut leader) = cluster.take(&first.by);
    leader.kill9().await;
    let told = sink.wait("Cut", "firing", 2).await;
    assert_ne!(told[1].by, first.by);
    cluster.know_each_other().await;
    cluster.post("After").await;
    sink.wait("After", "firing", 1).await;
    let told = sink.about("Cut");
    assert!(told.iter().all(|t| t.id == first.id), "{told:#?}");
}

#[tokio::test]
async fn who_is_stopped_is_replaced_at_once() {
    let sink = Sink::start().await;
    let mut cluster = Cluster::start(2, &sink.config(0, 300)).await;
    cluster.post("Before").await;
    let first = sink.wait("Before", "firing", 1).await.remove(0);
    let (_gone, leader) = cluster.take(&first.by);
    stop(leader).await;
    cluster.post("After").await;
    let told = sink.wait("After", "firing", 1).await;
    assert_ne!(told[0].by, first.by);
    cluster.know_each_other().await;
    let again = sink.about("Before");
    assert!(again.iter().all(|t| t.id == first.id), "{again:#?}");
}

#[tokio::test]
async fn a_new_address_is_used_whoever_reads_the_file_first() {
    let (first, second) = tokio::join!(Sink::start(), Sink::start());
    let mut cluster = Cluster::start(2, &first.config(0, 300)).await;
    cluster.post("Before").await;
    let leader = first.wait("Before", "firing", 1).await.remove(0).by;
    // The one that does not tell reads it first.
    let (node, server) = cluster.take(&leader);
    cluster.nodes.push((node, server));
    for (node, _) in &cluster.nodes {
        node.write(&second.config(0, 300));
        let answer = send(node.address, "POST", "/-/reload", &[], "").await;
        assert_eq!(answer.unwrap().status, 200);
    }
    cluster.post("After").await;
    second.wait("After", "firing", 1).await;
    assert_eq!(first.told().len(), 1, "{:#?}", first.told());
    assert_eq!(second.told().len(), 1, "{:#?}", second.told());
}
