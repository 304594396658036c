//! What a provider says about somebody, once every check has held.

use super::provider::SingleSignOn;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use openidconnect::{
    AdditionalClaims, ClaimsVerificationError, ClientId, IdToken, IdTokenVerifier, IssuerUrl,
    JsonWebTokenType, Nonce, SubjectIdentifier,
    core::{
        CoreGenderClaim, CoreIdToken, CoreIdTokenClaims, CoreJsonWebKey, CoreJsonWebKeySet,
        CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    },
};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// How far the clocks may differ.
const CLOCKS_DIFFER_BY: TimeDelta = TimeDelta::seconds(60);
/// A token is used as soon as it is made: an older one is somebody's find.
const OLDEST: TimeDelta = TimeDelta::minutes(10);

/// Only signatures that the provider alone can make: no secret that both share, and never none.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 8] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
];

const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Somebody as the provider knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub issuer: String,
    pub subject: String,
    /// Only where the provider says that it is theirs.
    pub verified_email: Option<String>,
    /// When they showed the provider who they are.
    pub shown_at: Option<NaiveDateTime>,
}

/// Why a token was refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum TokenFault {
    #[error("it is no token: {0}")]
    Unreadable(String),
    /// Its key may be newer than those that are known.
    #[error("its key is not known: {0}")]
    UnknownKey(String),
    #[error("{0}")]
    Refused(String),
}

/// The identity of an ID token, where it is the provider's, for us, for this sign-in and of now.
///
/// # Errors
/// Says which of the checks of OpenID Connect Core 1.0, 3.1.3.7, did not hold.
pub(super) fn identity_of(
    token: &CoreIdToken,
    settings: &SingleSignOn,
    keys: &CoreJsonWebKeySet,
    nonce: &Nonce,
    now: NaiveDateTime,
) -> Result<Identity, TokenFault> {
    let claims: &CoreIdTokenClaims = token.claims(&verifier(settings, keys, now)?, nonce).map_err(fault)?;
    must_be_for_us(claims, settings)?;
    let is_theirs = claims.email_verified() == Some(true) || settings.vouches_for_addresses;
    let email = claims.email().map(|email| email.as_str().to_owned());
    Ok(Identity {
        issuer: claims.issuer().as_str().to_owned(),
        subject: sound_subject(claims.subject())?,
        verified_email: email.filter(|_| is_theirs),
        shown_at: claims.auth_time().map(|at| at.naive_utc()),
    })
}

/// What a logout token has beside the claims of every token.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct LogoutClaims {
    events: serde_json::Map<String, serde_json::Value>,
}
impl AdditionalClaims for LogoutClaims {}

type LogoutToken =
    IdToken<LogoutClaims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

/// Whom a logout token speaks of (OpenID Connect Back-Channel Logout 1.0, 2.6).
pub(super) fn logged_out(
    token: &str,
    settings: &SingleSignOn,
    keys: &CoreJsonWebKeySet,
    now: NaiveDateTime,
) -> Result<String, TokenFault> {
    let token = LogoutToken::from_str(token).map_err(|error| TokenFault::Unreadable(error.to_string()))?;
    let kinds = ["application/logout+jwt", "application/jwt"];
    let kinds = kinds.map(|kind| JsonWebTokenType::new(kind.to_owned()).normalize());
    let verifier = verifier(settings, keys, now)?.set_allowed_jose_types(kinds.into_iter().flatten());
    let no_nonce = |nonce: Option<&Nonce>| match nonce {
        None => Ok(()),
        Some(_) => Err("a logout token has no nonce".to_owned()),
    };
    let claims = token.claims(&verifier, no_nonce).map_err(fault)?;
    if !claims.additional_claims().events.contains_key(LOGOUT_EVENT) {
        return Err(TokenFault::Refused("it tells of no logout".into()));
    }
    sound_subject(claims.subject())
}

fn verifier(
    settings: &SingleSignOn,
    keys: &CoreJsonWebKeySet,
    now: NaiveDateTime,
) -> Result<IdTokenVerifier<'static, CoreJsonWebKey>, TokenFault> {
    let issuer = IssuerUrl::new(settings.issuer.clone());
    let issuer =
        issuer.map_err(|error| TokenFault::Refused(format!("the issuer in the settings: {error}")))?;
    let client_id = ClientId::new(settings.client_id.clone());
    let now: DateTime<Utc> = now.and_utc();
    Ok(IdTokenVerifier::new_public_client(client_id, issuer, keys.clone())
        .set_allowed_algs(ALGORITHMS)
        .set_other_audience_verifier_fn(|_| false)
        .set_time_fn(move || now)
        .set_issue_time_verifier_fn(move |issued_at| {
            let is_of_now = issued_at <= now + CLOCKS_DIFFER_BY && now - issued_at <= OLDEST;
            if is_of_now { Ok(()) } else { Err("it was not issued just now".to_owned()) }
        }))
}

/// Where the provider says for whom it made the token, it must be us (Core 1.0, 3.1.3.7, 5).
fn must_be_for_us(claims: &CoreIdTokenClaims, settings: &SingleSignOn) -> Result<(), TokenFault> {
    match claims.authorized_party() {
        Some(party) if party.as_str() != settings.client_id => {
            Err(TokenFault::Refused("it was made for another client".into()))
        }
        Some(_) | None => Ok(()),
    }
}

/// A provider's name for somebody: never empty, at most 255 characters (Core 1.0, 2).
fn sound_subject(subject: &SubjectIdentifier) -> Result<String, TokenFault> {
    const LONGEST: usize = 255;
    let subject = subject.as_str();
    if subject.is_empty() || subject.len() > LONGEST {
        return Err(TokenFault::Refused("the subject is empty or too long".into()));
    }
    Ok(subject.to_owned())
}

fn fault(error: ClaimsVerificationError) -> TokenFault {
    use openidconnect::SignatureVerificationError::NoMatchingKey;
    match error {
        ClaimsVerificationError::SignatureVerification(NoMatchingKey) => {
            TokenFault::UnknownKey(NoMatchingKey.to_string())
        }
        ClaimsVerificationError::SignatureVerification(why) => TokenFault::Refused(why.to_string()),
        other => TokenFault::Refused(other.to_string()),
    }
}

#[cfg(test)]
mod tests;
