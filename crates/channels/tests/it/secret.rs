use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use stentor_channels::secret::{Secret, SecretError, SecretRef, Secrets};

pub(crate) fn write(path: &Path, content: &[u8], mode: u32) {
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_secret_does_not_show_itself() {
    let secret = Secret::new("hunter2".to_owned());
    assert_eq!(format!("{secret:?}"), "Secret(…)");
    assert!(secret == Secret::new("hunter2".to_owned()));
    assert!(secret != Secret::new("hunter3".to_owned()));
    assert!(secret != Secret::new("hunter".to_owned()));
}

#[test]
fn references_are_read_from_toml_and_from_text() {
    #[derive(serde::Deserialize)]
    struct Holder {
        secret: SecretRef,
    }
    let check = |toml: &str, text: &str, expect: Option<SecretRef>| {
        let holder = toml::from_str::<Holder>(toml).ok().map(|h| h.secret);
        assert_eq!(holder, expect, "{toml}");
        let parsed: Option<SecretRef> = text.parse().ok();
        assert_eq!(parsed, expect, "{text}");
        if let Some(reference) = parsed {
            assert_eq!(reference.to_string(), text);
        }
    };
    let file = SecretRef::File("keys/smtp".into());
    check(
        r#"secret = { file = "keys/smtp" }"#,
        "file:keys/smtp",
        Some(file),
    );
    let credential = SecretRef::Credential("smtp".to_owned());
    check(
        r#"secret = { credential = "smtp" }"#,
        "credential:smtp",
        Some(credential),
    );
    check(r#"secret = "hunter2""#, "hunter2", None);
    check(
        r#"secret = { literal = "hunter2" }"#,
        "literal:hunter2",
        None,
    );
    check(
        r#"secret = { file = "a", credential = "b" }"#,
        "file:",
        None,
    );

    let error = "hunter2".parse::<SecretRef>().unwrap_err();
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

#[tokio::test]
async fn files_are_read_only_when_nobody_else_can() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = Secrets {
        base: folder.path().to_owned(),
        credentials: None,
    };
    let check = async |content: &[u8], mode: u32, expect: Result<&str, &str>| {
        write(&folder.path().join("s"), content, mode);
        let got = secrets.resolve(&SecretRef::File("s".into())).await;
        match (&got, expect) {
            (Ok(secret), Ok(text)) => assert_eq!(secret.expose(), text),
            (Err(error), Err(part)) => {
                let said = error.to_string();
                assert!(said.contains(part), "{said}");
                assert!(!said.contains("hunter"), "{said}");
            }
            _ => panic!("{content:?} {mode:o}: {got:?}, expected {expect:?}"),
        }
    };
    check(b"hunter2\n", 0o600, Ok("hunter2")).await;
    check(b"hunter2\r\n", 0o400, Ok("hunter2")).await;
    check(b" hunter2 \n\n", 0o600, Ok(" hunter2 \n")).await;
    check(b"hunter2", 0o640, Err("chmod 600")).await;
    check(b"hunter2", 0o604, Err("chmod 600")).await;
    check(b"hunter2", 0o620, Err("chmod 600")).await;
    check(b"\n", 0o600, Err("empty")).await;
    check(b"hunter\xff", 0o600, Err("not UTF-8")).await;
    check(&[b'h'; 65 * 1024], 0o600, Err("longer than")).await;

    let missing = secrets.resolve(&SecretRef::File("none".into())).await;
    assert!(matches!(missing, Err(SecretError::Unreadable { .. })));
    let folder_itself = secrets.resolve(&SecretRef::File(".".into())).await;
    assert!(matches!(folder_itself, Err(SecretError::Unusable { .. })));
}

#[tokio::test]
async fn credentials_come_from_their_directory_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let credentials = folder.path().join("credentials");
    fs::create_dir(&credentials).unwrap();
    write(&credentials.join("smtp"), b"hunter2", 0o400);
    write(&folder.path().join("outside"), b"hunter3", 0o400);
    let secrets = Secrets {
        base: folder.path().to_owned(),
        credentials: Some(credentials),
    };
    let get = async |name: &str| {
        secrets
            .resolve(&SecretRef::Credential(name.to_owned()))
            .await
    };
    assert_eq!(get("smtp").await.unwrap().expose(), "hunter2");
    for name in ["../outside", "/etc/passwd", "..", ".", "", "smtp/", "a/b"] {
        assert!(
            matches!(get(name).await, Err(SecretError::BadName(_))),
            "{name:?}"
        );
    }
    let bare = Secrets {
        credentials: None,
        ..secrets.clone()
    };
    let none = bare
        .resolve(&SecretRef::Credential("smtp".to_owned()))
        .await;
    assert!(
        none.unwrap_err()
            .to_string()
            .contains("LoadCredential=smtp:")
    );
}
