//! Second factors as the store keeps them: sealed, where the service was given a key.

use super::{Refusal, Service};
use crate::people::sealing::{SealingKey, is_sealed};

impl Service {
    /// With a key by which second factors are sealed from now on; those that are kept as they are, are
    /// sealed at once. Without one, whoever's was sealed signs in by recovery codes.
    ///
    /// # Errors
    /// [`Refusal::Broken`] where one was sealed by another key.
    pub fn with_second_factor_key(self, key: Option<SealingKey>) -> Result<Service, Refusal> {
        let has_key = key.is_some();
        let service = Service { second_factor_key: key, ..self };
        let kept = service.store()?.second_factors()?;
        let closed = kept.iter().filter(|(person, kept)| service.opened(*person, kept).is_none()).count();
        if has_key && closed > 0 {
            return Err(Refusal::Broken(format!(
                "second_factor_key: {closed} second factors were sealed by another key. Give that one. Where it is \
                 lost, leave the setting out until those people have signed in by recovery codes and set their \
                 second factors up anew"
            )));
        }
        if closed > 0 {
            tracing::error!(
                closed,
                "second factors were sealed by a key that is not set: no code of theirs is right"
            );
        }
        for (person, secret) in kept.iter().filter(|(_, kept)| has_key && !is_sealed(kept)) {
            let sealed = service.to_be_kept(*person, secret);
            service.store()?.keep_second_factor_as(*person, secret, &sealed)?;
        }
        Ok(service)
    }

    /// A second factor's secret as it is to be kept.
    pub(super) fn to_be_kept(&self, person: u32, secret: &str) -> String {
        self.second_factor_key.as_ref().map_or_else(|| secret.to_owned(), |key| key.seal(secret, person))
    }

    /// The secret of what is kept; none where it was sealed by another key.
    pub(super) fn opened(&self, person: u32, kept: &str) -> Option<String> {
        match is_sealed(kept) {
            false => Some(kept.to_owned()),
            true => self.second_factor_key.as_ref()?.open(kept, person),
        }
    }
}
