//! The story: a real alert becomes a woken human, a led incident, and a public word that anyone can verify.

mod audit;
mod ending;
mod promise;
mod waking;
mod word;

use stentor_testkit::process::Process;
use stentor_testkit::prometheus::{Prometheus, ScrapeTarget, down_rule};

use crate::support::caller::Caller;
use crate::support::{Engine, House, Receivers, listening};

/// Everything that takes part.
struct Story {
    house: House,
    receivers: Receivers,
    target: ScrapeTarget,
    /// Runs until the story is over.
    _prometheus: Prometheus,
    server: Process,
    ben: Caller,
    cleo: Caller,
}

#[tokio::test]
async fn on_sqlite() {
    tell(Engine::Sqlite).await;
}

#[tokio::test]
async fn on_postgres() {
    tell(Engine::Postgres).await;
}

async fn tell(engine: Engine) {
    let mut story = begin(engine).await;
    story.target.stop().await;
    story.is_woken_and_led().await;
    let reader = story.speaks().await;
    story.is_verified().await;
    story.outlives_its_server(&reader).await;
    story.keeps_and_breaks_its_promise(&reader).await;
    story.target.restart().await;
    story.ends().await;
    story.stands_an_audit().await;
}

async fn begin(engine: Engine) -> Story {
    let (house, receivers) = tokio::join!(House::new(engine), Receivers::start());
    house.connect(&receivers.outside());
    house.escalate_after(3);
    house.change("stentor.toml", "sev1 = \"1h\"", "sev1 = \"1m\"");
    house.change(
        "stentor.toml",
        "remind_before = \"10m\"",
        "remind_before = \"30s\"",
    );
    let server = listening(house.serve_command("up")).await;
    server.wait_for_stdout("/sign-in/").await;
    let (ben, cleo) = tokio::join!(Caller::new(&house, "ben"), Caller::new(&house, "cleo"));
    let target = ScrapeTarget::start().await;
    let rules = down_rule(&[("service", "website"), ("severity", "critical")]);
    let prometheus = Prometheus::start(house.address, target.address, &rules).await;
    Story {
        house,
        receivers,
        target,
        _prometheus: prometheus,
        server,
        ben,
        cleo,
    }
}
