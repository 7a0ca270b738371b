//! Clauses on the people table.

use stentor_store::Contact;

use super::Database;

fn contact(person: &str, email: Option<&str>) -> Contact {
    Contact {
        person: person.to_owned(),
        email: email.map(str::to_owned),
        webhook_url: Some("https://hooks.example.org/a".to_owned()),
        webhook_secret: None,
    }
}

/// Putting inserts and replaces; listing is by id in byte order; erasing forgets.
pub async fn contacts_are_replaced_listed_and_erased(database: &dyn Database) {
    let store = database.open().await;
    assert_eq!(store.contacts().await.unwrap(), []);
    let old = [
        contact("bo", None),
        contact("Zoe", None),
        contact("ada", Some("a@example.org")),
    ];
    store.put_contacts(&old).await.unwrap();
    store
        .put_contacts(&[contact("bo", Some("bo@example.org"))])
        .await
        .unwrap();
    store.put_contacts(&[]).await.unwrap();
    // Byte order on every engine, whatever the database's language.
    let expected = [
        contact("Zoe", None),
        contact("ada", Some("a@example.org")),
        contact("bo", Some("bo@example.org")),
    ];
    assert_eq!(store.contacts().await.unwrap(), expected);
    assert_eq!(
        store.contact("bo").await.unwrap().as_ref(),
        Some(&expected[2])
    );
    assert_eq!(store.contact("BO").await.unwrap(), None);
    assert!(store.erase_contact("bo").await.unwrap());
    assert!(!store.erase_contact("bo").await.unwrap());
    assert_eq!(store.contact("bo").await.unwrap(), None);
    assert_eq!(store.contacts().await.unwrap(), expected[..2]);
}
