//! Clauses on tokens.

use futures::future::join_all;
use stentor_store::{Token, TokenKind};

use super::Database;
use super::samples::NOW;

fn token(byte: u8, kind: TokenKind, person: &str, created_ms: i64) -> Token {
    Token {
        hash: [byte; 32],
        kind,
        person: person.to_owned(),
        label: "laptop".to_owned(),
        created_ms,
        expires_ms: NOW + 100,
    }
}

/// A token is found by hash and kind until it expires, and swept afterwards.
pub async fn tokens_expire_and_are_swept(database: &dyn Database) {
    let store = database.open().await;
    let session = token(1, TokenKind::Session, "ada", NOW);
    store.put_token(&session).await.unwrap();
    let late = Token {
        expires_ms: NOW + 500,
        ..token(2, TokenKind::Api, "ada", NOW)
    };
    store.put_token(&late).await.unwrap();
    let find = |byte, kind, now| {
        let store = &store;
        async move { store.token(&[byte; 32], kind, now).await.unwrap() }
    };
    assert_eq!(
        find(1, TokenKind::Session, NOW + 99).await,
        Some(session.clone())
    );
    assert_eq!(find(1, TokenKind::Session, NOW + 100).await, None);
    assert_eq!(find(1, TokenKind::Api, NOW).await, None);
    assert_eq!(find(3, TokenKind::Session, NOW).await, None);
    assert_eq!(store.sweep_tokens(NOW + 99).await.unwrap(), 0);
    assert_eq!(store.sweep_tokens(NOW + 100).await.unwrap(), 1);
    assert_eq!(find(1, TokenKind::Session, NOW).await, None);
    assert_eq!(find(2, TokenKind::Api, NOW).await, Some(late));
    store
        .put_token(&Token {
            expires_ms: NOW + 900,
            ..session.clone()
        })
        .await
        .unwrap();
    store.put_token(&session).await.unwrap();
    assert_eq!(
        find(1, TokenKind::Session, NOW + 100).await,
        None,
        "replaced"
    );
}

/// Of many takers, on two nodes, exactly one gets it; an expired or foreign one nobody.
pub async fn a_token_is_taken_once(database: &dyn Database) {
    let stores = [database.open().await, database.open().await];
    for byte in 0..8 {
        let given = token(byte, TokenKind::SignIn, "ada", NOW);
        stores[0].put_token(&given).await.unwrap();
        let hash = given.hash;
        let wrong = stores[0].take_token(&hash, TokenKind::Session, NOW).await;
        assert_eq!(wrong.unwrap(), None);
        let late = stores[1]
            .take_token(&hash, TokenKind::SignIn, NOW + 100)
            .await;
        assert_eq!(late.unwrap(), None);
        let takers = (0..6).map(|n| stores[n % 2].take_token(&hash, TokenKind::SignIn, NOW));
        let taken: Vec<_> = join_all(takers)
            .await
            .into_iter()
            .filter_map(Result::unwrap)
            .collect();
        assert_eq!(taken, [given]);
    }
}

/// Newest first, by person and kind.
pub async fn tokens_are_listed_by_person_and_kind(database: &dyn Database) {
    let store = database.open().await;
    let stored = [
        token(1, TokenKind::Session, "ada", NOW),
        token(2, TokenKind::Session, "ada", NOW + 2),
        token(3, TokenKind::Session, "bo", NOW),
        token(4, TokenKind::Api, "ada", NOW),
    ];
    for token in &stored {
        store.put_token(token).await.unwrap();
    }
    let listed = store.tokens_of("ada", TokenKind::Session).await.unwrap();
    assert_eq!(listed, [stored[1].clone(), stored[0].clone()]);
    assert_eq!(store.tokens_of("bo", TokenKind::Api).await.unwrap(), []);
}
