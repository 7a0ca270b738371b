use stentor_egress::{Guard, Kind, Network};

fn networks(list: &[&str]) -> Vec<Network> {
    list.iter().map(|n| n.parse().unwrap()).collect()
}

#[test]
fn only_public_addresses_pass_by_default() {
    let check = |address: &str, expect: Kind| {
        let address = address.parse().unwrap();
        assert_eq!(Kind::of(address), expect, "{address}");
        let verdict = Guard::public_only().check(address);
        assert_eq!(verdict.is_ok(), expect == Kind::Public, "{address}");
    };
    check("1.1.1.1", Kind::Public);
    check("100.63.255.255", Kind::Public);
    check("172.15.0.1", Kind::Public);
    check("172.32.0.1", Kind::Public);
    check("2606:4700:4700::1111", Kind::Public);
    check("64:ff9b::101:101", Kind::Public);

    check("127.0.0.1", Kind::Loopback);
    check("127.255.0.3", Kind::Loopback);
    check("::1", Kind::Loopback);
    check("::ffff:127.0.0.1", Kind::Loopback);
    check("64:ff9b::7f00:1", Kind::Loopback);

    check("10.1.2.3", Kind::Private);
    check("172.16.0.1", Kind::Private);
    check("172.31.255.255", Kind::Private);
    check("192.168.1.1", Kind::Private);
    check("fd12:3456::1", Kind::Private);
    check("::ffff:10.0.0.1", Kind::Private);

    check("100.64.0.1", Kind::Shared);
    check("100.127.255.255", Kind::Shared);

    check("169.254.169.254", Kind::Metadata);
    check("::ffff:169.254.169.254", Kind::Metadata);
    check("::ffff:a9fe:a9fe", Kind::Metadata);
    check("64:ff9b::a9fe:a9fe", Kind::Metadata);
    check("168.63.129.16", Kind::Metadata);
    check("100.100.100.200", Kind::Metadata);
    check("fd00:ec2::254", Kind::Metadata);

    check("169.254.0.1", Kind::LinkLocal);
    check("fe80::1", Kind::LinkLocal);
    check("febf::1", Kind::LinkLocal);

    check("224.0.0.1", Kind::Multicast);
    check("239.255.255.250", Kind::Multicast);
    check("ff02::1", Kind::Multicast);

    check("0.0.0.0", Kind::Unspecified);
    check("0.1.2.3", Kind::Unspecified);
    check("::", Kind::Unspecified);

    check("192.0.0.8", Kind::Reserved);
    check("192.0.2.1", Kind::Reserved);
    check("192.88.99.1", Kind::Reserved);
    check("198.19.0.1", Kind::Reserved);
    check("198.51.100.7", Kind::Reserved);
    check("203.0.113.7", Kind::Reserved);
    check("240.0.0.1", Kind::Reserved);
    check("255.255.255.255", Kind::Reserved);
    check("2001:db8::1", Kind::Reserved);
    check("2002:7f00:1::", Kind::Reserved); // 6to4 of 127.0.0.1
    check("2001:0:1::", Kind::Reserved); // Teredo
    check("3fff:1::", Kind::Reserved);
    check("::7f00:1", Kind::Reserved); // IPv4-compatible, deprecated
    check("fec0::1", Kind::Reserved); // site-local, deprecated
    check("100::1", Kind::Reserved); // discard
    check("64:ff9b:1::1", Kind::Reserved); // local NAT64
}

#[test]
fn a_named_network_is_allowed_and_nothing_beside_it() {
    let guard = Guard::allowing(networks(&["10.1.0.0/16", "127.0.0.0/8", "fd00::/8"]));
    let check = |address: &str, expect: bool| {
        let verdict = guard.check(address.parse().unwrap());
        assert_eq!(verdict.is_ok(), expect, "{address}: {verdict:?}");
    };
    check("10.1.200.3", true);
    check("::ffff:10.1.200.3", true);
    check("10.2.0.1", false);
    check("127.0.0.1", true);
    check("::1", false);
    check("fd12::1", true);
    check("192.168.0.1", false);
    check("1.1.1.1", true);
}

#[test]
fn no_network_opens_the_addresses_that_are_never_contacted() {
    let guard = Guard::allowing(networks(&["0.0.0.0/0", "::/0"]));
    let check = |address: &str, expect: Result<(), Kind>| {
        assert_eq!(guard.check(address.parse().unwrap()), expect, "{address}");
    };
    check("10.0.0.1", Ok(()));
    check("169.254.169.254", Err(Kind::Metadata));
    check("fd00:ec2::254", Err(Kind::Metadata));
    check("169.254.1.1", Err(Kind::LinkLocal));
    check("fe80::1", Err(Kind::LinkLocal));
    check("224.0.0.1", Err(Kind::Multicast));
    check("0.0.0.0", Err(Kind::Unspecified));
    check("::", Err(Kind::Unspecified));
}
