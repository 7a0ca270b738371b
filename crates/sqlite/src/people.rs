//! The people table.

use async_trait::async_trait;
use stentor_store::text::storable;
use stentor_store::{Contact, People, StoreError};

use crate::{SqliteStore, rows};

#[async_trait]
impl People for SqliteStore {
    async fn put_contacts(&self, contacts: &[Contact]) -> Result<(), StoreError> {
        let (mut transaction, _) = self.writer.begin("BEGIN IMMEDIATE").await?;
        for contact in contacts {
            let text = |value: &Option<String>| value.as_deref().map(|v| storable(v).into_owned());
            let query = sqlx::query(
                "INSERT INTO people (person, email, webhook_url, webhook_secret) VALUES (?, ?, ?, ?) \
                 ON CONFLICT (person) DO UPDATE SET email = excluded.email, \
                 webhook_url = excluded.webhook_url, webhook_secret = excluded.webhook_secret",
            )
            .bind(storable(&contact.person).into_owned())
            .bind(text(&contact.email))
            .bind(text(&contact.webhook_url))
            .bind(text(&contact.webhook_secret));
            transaction.run(query).await?;
        }
        transaction.commit(sqlx::query("COMMIT")).await
    }

    async fn contact(&self, person: &str) -> Result<Option<Contact>, StoreError> {
        let query = sqlx::query(
            "SELECT person, email, webhook_url, webhook_secret FROM people WHERE person = ?",
        )
        .bind(storable(person).into_owned());
        rows::first(&self.read(query).await?, rows::contact)
    }

    async fn contacts(&self) -> Result<Vec<Contact>, StoreError> {
        let query = sqlx::query(
            "SELECT person, email, webhook_url, webhook_secret FROM people ORDER BY person",
        );
        rows::all(&self.read(query).await?, rows::contact)
    }

    async fn erase_contact(&self, person: &str) -> Result<bool, StoreError> {
        let query = sqlx::query("DELETE FROM people WHERE person = ? RETURNING 1")
            .bind(storable(person).into_owned());
        Ok(!self.writer.run(query).await?.is_empty())
    }
}
