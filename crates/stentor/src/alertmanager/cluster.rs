//! Which peers a process may name: none but itself, unless a database brings them together.

use super::flags::Flags;
use crate::failure::Failure;

/// Refuses peers that this process would never hear of: two of them that do not know each other would both notify.
pub(super) fn check(flags: &Flags) -> Result<(), Failure> {
    if flags.database.is_some() {
        return Ok(());
    }
    let own: Vec<&str> = [
        Some(flags.cluster_listen.as_str()),
        flags.cluster_advertise.as_deref(),
    ]
    .into_iter()
    .flatten()
    .collect();
    match flags
        .peers
        .iter()
        .find(|peer| !own.iter().any(|o| same(o, peer)))
    {
        None => Ok(()),
        Some(peer) => Err(Failure::usage(format!(
            "--cluster.peer={peer} names another process, and without --database the two would not know of each other: \
             both would send every notification. Give all of them the same --database=postgres://USER@HOST/NAME, or \
             leave --cluster.peer out"
        ))),
    }
}

/// Whether two addresses can only mean the same process.
fn same(own: &str, peer: &str) -> bool {
    let (Some((own_host, own_port)), Some((host, port))) =
        (own.rsplit_once(':'), peer.rsplit_once(':'))
    else {
        return own == peer;
    };
    let is_here = |host: &str| {
        let host = host.trim_matches(['[', ']']);
        host.is_empty()
            || host.eq_ignore_ascii_case("localhost")
            || host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|ip| ip.is_loopback() || ip.is_unspecified())
    };
    own_port == port && (own_host == host || (is_here(own_host) && is_here(host)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_nobody_else_is_the_process_itself() {
        let check = |own: &str, peer: &str, expect: bool| {
            assert_eq!(same(own, peer), expect, "{own} {peer}");
        };
        check("127.0.0.1:9094", "127.0.0.1:9094", true);
        check("0.0.0.0:9094", "127.0.0.1:9094", true);
        check("[::]:9094", "localhost:9094", true);
        check("am-1.example.org:9094", "am-1.example.org:9094", true);
        check("0.0.0.0:9094", "127.0.0.1:9095", false);
        check("0.0.0.0:9094", "am-2.example.org:9094", false);
        check("", "127.0.0.1:9094", false);
    }
}
