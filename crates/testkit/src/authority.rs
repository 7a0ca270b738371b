//! A certificate authority for one test.

use std::fs;
use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;

/// A CA and one certificate of it for a server on loopback.
#[derive(Debug)]
pub struct Authority {
    folder: TempDir,
    /// The CA's certificate.
    pub ca_pem: String,
}

impl Authority {
    /// Makes both, for the given names and addresses.
    ///
    /// # Panics
    /// When a name is none.
    #[must_use]
    pub fn new(names: &[&str]) -> Self {
        let mut params = CertificateParams::new([]).expect("no names, none wrong");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, "CA of a test");
        let key = KeyPair::generate().expect("a key can be made");
        let ca = CertifiedIssuer::self_signed(params, key).expect("a CA can be made");

        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let params = CertificateParams::new(names).expect("usable names");
        let key = KeyPair::generate().expect("a key can be made");
        let certificate = params
            .signed_by(&key, &ca)
            .expect("a certificate can be made");

        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let write = |name: &str, pem: String| {
            fs::write(folder.path().join(name), pem).expect("a temporary folder can be written");
        };
        write("cert.pem", certificate.pem());
        write("key.pem", key.serialize_pem());
        write("ca.pem", ca.pem());
        Self {
            ca_pem: ca.pem(),
            folder,
        }
    }

    /// The CA's certificate, as a PEM file.
    #[must_use]
    pub fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The server's certificate, as a PEM file.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    /// The server's private key, as a PEM file.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }
}
