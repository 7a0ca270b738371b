use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use stentor_channels::secret::Secret;
use stentor_channels::signature::{BadSecret, Signer};

fn secret(bytes: usize) -> String {
    format!("whsec_{}", STANDARD.encode(vec![7; bytes]))
}

#[test]
fn an_independent_implementation_makes_the_same_signature() {
    let now = Timestamp::from_second(1_700_000_000).unwrap();
    for bytes in [24, 32, 64] {
        let secret = secret(bytes);
        let other = standardwebhooks::Webhook::new(&secret).unwrap();
        let ours = Signer::new(&Secret::new(secret)).unwrap();
        for body in ["", "{}", r#"{"text":"ümlaut"}"#] {
            let expect = other
                .sign("msg_abc", now.as_second(), body.as_bytes())
                .unwrap();
            assert_eq!(ours.sign("msg_abc", now, body.as_bytes()), expect);
        }
    }
}

#[test]
fn secrets_outside_the_standard_are_refused() {
    let check = |text: &str, expect: BadSecret| {
        let got = Signer::new(&Secret::new(text.to_owned())).err();
        assert_eq!(got, Some(expect), "{text}");
    };
    check(&secret(23), BadSecret::Length(23));
    check(&secret(65), BadSecret::Length(65));
    check("whsec_", BadSecret::Length(0));
    check("whsec_%%%", BadSecret::Base64);
    check("whsk_AAAA", BadSecret::Prefix);
    check("", BadSecret::Prefix);
}
