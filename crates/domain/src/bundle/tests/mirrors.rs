//! Mirrors of every kind, and what they and others stand on.

use super::{Swap, check, edited};
use crate::mirror::MirrorPlace;
use crate::organisation::Organisation;
use crate::shared_fate::Foundation;

/// What the example says about its second mirror.
const BEFORE: &str = "[[mirrors]]\nname = \"two\"\ndirectory = \"mirrors/two\"\n";

fn with(mirrors: &'static str) -> Organisation {
    edited(&[Swap("stentor.toml", BEFORE, mirrors)]).unwrap()
}

#[test]
fn each_kind_is_read() {
    let org = with(concat!(
        "[house]\nstands_on = { host = \"rack-1\", network = [\"uplink-a\", \"uplink-b\"] }\n",
        "[[signing_sites]]\nname = \"north\"\nstands_on = { dns_zone = [] }\n",
        "[[mirrors]]\nname = \"a\"\ndirectory = \"m\"\nstands_on = { host = \"rack-1\" }\n",
        "[[mirrors]]\nname = \"b\"\nkind = \"s3\"\nendpoint = \"https://s3.example.net/\"\nbucket = \"status\"\n",
        "access_key = \"AK\"\nsecret_key = { file = \"secrets/s3\" }\nprefix = \"/word/\"\n",
        "[[mirrors]]\nname = \"c\"\nkind = \"webdav\"\naddress = \"https://dav.example.net/x\"\n",
        "username = \"u\"\npassword = { credential = \"dav\" }\n",
        "[[mirrors]]\nname = \"d\"\nkind = \"put\"\naddress = \"http://127.0.0.1:8080/up\"\ntoken = { file = \"t\" }\n",
        "[[mirrors]]\nname = \"e\"\nkind = \"git\"\nremote = \"ssh://git@example.net:2222/status.git\"\n",
        "key = { file = \"k\" }\nknown_hosts = \"h\"\n",
        "[[mirrors]]\nname = \"f\"\nkind = \"git\"\nremote = \"https://git.example.net/status.git\"\nbranch = \"pages\"\n",
        "username = \"x\"\ntoken = { file = \"t\" }\n",
        "[[mirrors]]\nname = \"g\"\nkind = \"sftp\"\nhost = \"example.net\"\nuser = \"stentor\"\ndirectory = \"/srv//status/\"\n",
        "key = { file = \"k\" }\nknown_hosts = \"h\"\n",
        "[[mirrors]]\nname = \"h\"\nkind = \"rsync\"\nhost = \"example.net\"\nuser = \"stentor\"\ndirectory = \"status\"\n",
        "key = { file = \"k\" }\nknown_hosts = \"h\"\nurl = \"https://status.example.net\"\n",
        "[[mirrors]]\nname = \"i\"\nkind = \"rsync\"\naddress = \"rsync://u@example.net/module/status\"\npassword = { file = \"p\" }\n",
    ));
    let places: Vec<String> = org
        .mirrors
        .iter()
        .skip(1)
        .map(|m| format!("{} {}", m.place.kind(), m.place.address()))
        .collect();
    assert_eq!(
        places,
        [
            "directory m",
            "s3 https://s3.example.net/status/word",
            "webdav https://dav.example.net/x",
            "put http://127.0.0.1:8080/up",
            "git ssh://git@example.net:2222/status.git (main)",
            "git https://git.example.net/status.git (pages)",
            "sftp sftp://stentor@example.net:22/srv/status",
            "rsync rsync+ssh://stentor@example.net:22/~/status",
            "rsync rsync://u@example.net/module/status",
        ]
    );
    let MirrorPlace::S3(s3) = &org.mirrors[2].place else {
        panic!("{:?}", org.mirrors[2])
    };
    assert!(s3.path_style && s3.region == "us-east-1");
    assert_eq!(
        org.house.0[&Foundation::Network],
        ["uplink-a", "uplink-b"].map(str::to_owned)
    );
    assert_eq!(
        org.signing_sites[0].stands_on.0[&Foundation::DnsZone].len(),
        0
    );
    assert_eq!(org.signing_sites[0].stands_on.unknown().len(), 4);
}

#[test]
fn what_is_wrong_is_named() {
    let one = |lines: &'static str, expect: &[&str]| {
        check(&[Swap("stentor.toml", BEFORE, lines)], expect);
    };
    one(
        "[[mirrors]]\nname = \"a\"\nkind = \"ftp\"\ndirectory = \"m\"\n",
        &["stentor.toml:75:8: \"ftp\" is not a kind of mirror; did you mean \"sftp\"?"],
    );
    one(
        "[[mirrors]]\nname = \"a\"\nkind = \"put\"\ndirectory = \"m\"\naddress = \"http://example.net/\"\ntoken = \"hunter2\"\n",
        &[
            "stentor.toml:76:1: there is no key \"directory\" here; write one of \"name\", \"kind\", \"url\", \"stands_on\", \"address\", \"token\", \"ca_file\"",
            "stentor.toml:77:11: over http:// the secret could be read on its way; write https://; http:// is for this machine itself",
            "stentor.toml:78:9: the secret \"token\" stands here itself; put it into a file and write token = { file = \"secrets/token\" }, or token = { credential = \"token\" } for a systemd credential; then change the secret, because others may have read it",
        ],
    );
    one(
        "[[mirrors]]\nname = \"a\"\nkind = \"s3\"\nendpoint = \"s3.example.net\"\nbucket = \"-x\"\naccess_key = \"A\"\n",
        &[
            "stentor.toml:73:1: \"secret_key\" is missing; add secret_key = { file = \"secrets/secret-key\" }",
            "stentor.toml:76:12: this is not an address that files can be put below; write https://, a host and perhaps a path",
            "stentor.toml:77:10: \"-x\" cannot stand here; use letters, digits, - and .",
        ],
    );
    one(
        "[[mirrors]]\nname = \"a\"\nkind = \"git\"\nremote = \"ext::sh -c x\"\nbranch = \"-x\"\nusername = \"u\"\n",
        &[
            "stentor.toml:76:10: this is not the address of a repository; write https://HOST/PATH, ssh://USER@HOST/PATH or file:///PATH, with plain letters and no password",
            "stentor.toml:77:10: \"-x\" cannot be a branch; write the name of a branch, for instance \"main\"",
            "stentor.toml:78:12: a user name without a token; add token = { file = \"secrets/token\" }",
        ],
    );
    one(
        "[[mirrors]]\nname = \"a\"\nkind = \"sftp\"\nhost = \"-oProxyCommand=x\"\nuser = \"-l\"\ndirectory = \"a/../b\"\nport = 0\n",
        &[
            "stentor.toml:73:1: \"key\" is missing; add key = { file = \"secrets/key\" }",
            "stentor.toml:73:1: \"known_hosts\" is missing; add known_hosts = \"mirror-known-hosts\"",
            "stentor.toml:76:8: \"-oProxyCommand=x\" is not a host; write the name or the address of the machine alone",
            "stentor.toml:77:8: \"-l\" cannot stand here; write the name of an account, of letters, digits, -, _ and .",
            "stentor.toml:78:13: the path leaves its directory; write a path below it, or one that begins with /",
            "stentor.toml:79:8: \"port\" is out of range; write 1 to 65535",
        ],
    );
    one(
        concat!(
            "[[mirrors]]\nname = \"a\"\nkind = \"rsync\"\naddress = \"rsync://example.net/m\"\nuser = \"x\"\n",
            "[[mirrors]]\nname = \"b\"\nkind = \"rsync\"\naddress = \"rsync://example.net/m/\"\n",
            "[[mirrors]]\nname = \"c\"\nkind = \"rsync\"\naddress = \"rsync://example.net\"\nstands_on = { hosts = \"x\" }\n",
            "[[signing_sites]]\nname = \"x\"\n[[signing_sites]]\nname = \"x\"\n",
        ),
        &[
            "stentor.toml:77:8: \"user\" is for rsync over SSH, and address is a daemon's; remove user, or remove address",
            "stentor.toml:81:11: another mirror has \"rsync://example.net/m/\" already; choose another; two mirrors are two places",
            "stentor.toml:85:11: this is not the address of an rsync daemon; write rsync://HOST/MODULE or rsync://USER@HOST:PORT/MODULE/PATH, without a password",
            "stentor.toml:86:15: there is no key \"hosts\" here; did you mean \"host\"?",
            "stentor.toml:90:8: another signing site has \"x\" already; choose another",
        ],
    );
}
