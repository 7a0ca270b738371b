//! The nodes that share one database: each says that it is there, and knows the others.

use std::sync::Arc;
use std::time::Duration;

use stentor_domain::event::Event;
use stentor_store::Member;

use crate::engine::Engine;

/// A node says this often that it is there.
const EVERY: Duration = Duration::from_secs(2);

/// It counts as live for so long after that, in milliseconds.
const LIVE_MS: i64 = 8_000;

/// A clock that differs from the database's by more than this is wrong, in milliseconds.
const SKEW_MS: i64 = 2_000;

impl Engine {
    /// Lets other nodes know of this one, which says of itself that it is reached at `address`, until `stop` completes.
    pub fn join(
        &self,
        address: &str,
        version: &str,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> tokio::task::JoinHandle<()> {
        let member = Member {
            node: self.shared.node.clone(),
            address: address.to_owned(),
            started_ms: self.clock().now_ms(),
            version: version.to_owned(),
            kinds_version: Event::KINDS.len() as u32,
        };
        if let Ok(mut members) = self.shared.members.write() {
            // Until the database has answered, this one is all there is.
            *members = vec![member.clone()];
        }
        let engine = self.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = announce(&engine, &member) => {}
                () = stop => {}
            }
            if let Err(error) = engine.store().leave(&member.node).await {
                tracing::warn!(%error, "other nodes learn of our end only when our time runs out");
            }
        })
    }

    /// This node's name among others.
    #[must_use]
    pub fn node(&self) -> &str {
        &self.shared.node
    }

    /// The live nodes as known last, in order of their names; empty before this one joined.
    #[must_use]
    pub fn members(&self) -> Vec<Member> {
        let members = self.shared.members.read();
        members.map_or_else(|_| Vec::new(), |m| m.clone())
    }
}

async fn announce(engine: &Engine, member: &Member) {
    let store = Arc::clone(engine.store());
    let clock = Arc::clone(engine.clock());
    let mut is_wrong = false;
    loop {
        let known = match store.announce(member, LIVE_MS).await {
            Ok(()) => store.members().await,
            Err(error) => Err(error),
        };
        match known {
            Ok(known) => {
                if let Ok(mut members) = engine.shared.members.write() {
                    *members = known;
                }
            }
            Err(error) => tracing::warn!(%error, "the other nodes are not known"),
        }
        if let Ok(skew_ms) = store.clock_skew_ms(clock.now_ms()).await {
            let was_wrong = std::mem::replace(&mut is_wrong, skew_ms.abs() > SKEW_MS);
            if is_wrong && !was_wrong {
                tracing::error!(
                    skew_ms,
                    "the clock of this machine differs from the database's; set one of them right"
                );
            }
        }
        clock.sleep(EVERY).await;
    }
}
