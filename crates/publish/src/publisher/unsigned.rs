//! What a publisher says where somebody else has to sign it.

use jiff::Timestamp;
use stentor_domain::bulletin::StatusPage;

use super::{PublishError, Publisher};
use crate::repository::{Hashed, Pages, Repository};
use crate::waiting::Waits;

impl Publisher {
    /// What waits for the signature of somebody who may speak, where no key of this machine may.
    ///
    /// # Errors
    /// [`PublishError`] if the repository cannot be asked.
    pub async fn waits(&self) -> Result<Option<Waits>, PublishError> {
        self.with_repository(|repository| Ok(repository.waits()))
            .await
    }

    /// The page as of `now`. Where somebody has to sign it, as of the time of what they were asked to sign or signed last,
    /// as long as it says the same.
    pub(super) async fn to_say(
        &self,
        page: &StatusPage,
        now: Timestamp,
    ) -> Result<Pages, PublishError> {
        let asked = move |repository: &mut Repository| {
            Ok((!repository.speaks()).then(|| repository.written_at(now)))
        };
        let Some(written) = self.with_repository(asked).await? else {
            return self.render(page.clone(), now).await;
        };
        for at in written {
            let hashed = Hashed::from(self.render(page.clone(), at).await?);
            let same = move |repository: &mut Repository| Ok((repository.says(&hashed)?, hashed));
            let (same, hashed) = self.with_repository(same).await?;
            if same {
                return Ok(hashed.pages);
            }
        }
        // A page says its time to the second, and has to be rendered again from what it says.
        let second = Timestamp::from_second(now.as_second()).unwrap_or(now);
        self.render(page.clone(), second).await
    }
}
