//! Second factors as the store keeps them: sealed, where the service was given a key.

use super::{Refusal, Service};
use crate::{
    people::sealing::{SealingKey, is_sealed},
    store::SecondFactorKept,
};
use std::collections::BTreeSet;

impl Service {
    /// With a key by which second factors are sealed from now on; those that are kept as they are, are
    /// sealed at once. Without one, whoever's was sealed signs in by recovery codes.
    ///
    /// What another key sealed and nobody has given a code of yet is forgotten: its set-up is begun anew.
    ///
    /// # Errors
    /// [`Refusal::Broken`] where one that is on was sealed by another key.
    pub fn with_second_factor_key(self, key: Option<SealingKey>) -> Result<Service, Refusal> {
        let has_key = key.is_some();
        let service = Service { second_factor_key: key, ..self };
        let kept = service.store()?.second_factors()?;
        let (open, closed): (Vec<SecondFactorKept>, Vec<SecondFactorKept>) =
            kept.into_iter().partition(|factor| service.opened(factor.person, &factor.kept).is_some());
        let people: BTreeSet<u32> =
            closed.iter().filter(|factor| factor.is_on).map(|factor| factor.person).collect();
        match (has_key, people.len()) {
            (_, 0) => {}
            (true, closed) => return Err(Refusal::Broken(sealed_by_another(closed))),
            (false, closed) => tracing::error!(
                closed,
                "second factors were sealed by a key that is not set: no code of these people's apps is right"
            ),
        }
        if has_key {
            for proposed in &closed {
                service.store()?.forget_proposed_second_factor(proposed.person, &proposed.kept)?;
            }
            let plain = open.into_iter().filter(|factor| !is_sealed(&factor.kept));
            let sealed: Vec<(SecondFactorKept, String)> = plain
                .map(|factor| {
                    let sealed = service.to_be_kept(factor.person, &factor.kept);
                    (factor, sealed)
                })
                .collect();
            if !sealed.is_empty() {
                service.store()?.keep_second_factors_as(&sealed)?;
            }
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

/// What the operator is told where so many people's second factors were sealed by another key.
fn sealed_by_another(people: usize) -> String {
    let (whose, they) = match people {
        1 => ("the second factor of 1 person was".to_owned(), "that person has"),
        _ => (format!("the second factors of {people} people were"), "each of those people has"),
    };
    format!(
        "second_factor_key: {whose} sealed by another key. Give that one. Where it is lost, leave the setting out \
         until {they} signed in by a recovery code and turned the second factor off, or an administrator has taken it \
         away under People"
    )
}

#[cfg(test)]
mod tests {
    use super::sealed_by_another;

    #[test]
    fn people_are_counted_and_not_secrets() {
        assert!(sealed_by_another(1).contains("the second factor of 1 person was sealed"));
        assert!(sealed_by_another(2).contains("the second factors of 2 people were sealed"));
    }
}
