//! Single sign-on by OpenID Connect: the code flow alone, with PKCE, state and nonce.
//!
//! People are known by the provider's issuer and its name for them, never by an address: an address
//! counts once, to link whoever first signs in with the person who was invited. Who has a second factor
//! is the provider's to ask for. Sources: OpenID Connect Core 1.0, 3.1; RFC 7636; RFC 9207; OpenID Connect
//! Back-Channel Logout 1.0; OWASP ASVS 5.0, V10.1, V10.2, V10.5.

mod id_token;
mod provider;
mod state;

pub use provider::SingleSignOn;

use super::{
    Asking, Refusal, Service,
    sign_in::{Browser, subject},
};
use crate::{
    people::{Person, PersonState},
    store::Deed,
};
use chrono::TimeDelta;
use id_token::Identity;
use openidconnect::{AuthorizationCode, CsrfToken, Nonce, PkceCodeChallenge, PkceCodeVerifier};
pub(super) use provider::Provider;
use state::State;

/// How a session begun so is called.
pub const WAY: &str = "single sign-on";
/// For so long after being led to the provider people may come back.
const BACK_WITHIN: TimeDelta = TimeDelta::minutes(10);
/// Whoever confirms who they are must have shown it to the provider within so long.
const SHOWN_WITHIN: TimeDelta = TimeDelta::minutes(5);

/// What the provider sends back with the browser.
#[derive(Clone, Copy, Debug, Default)]
pub struct CameBack<'a> {
    pub code: &'a str,
    pub state: &'a str,
    /// The issuer, where the provider names it (RFC 9207).
    pub iss: Option<&'a str>,
}

impl Service {
    /// A service whose people may sign in by this provider too.
    pub fn with_single_sign_on(self, settings: SingleSignOn) -> Service {
        Service { single_sign_on: Some(Provider::new(settings)), ..self }
    }

    pub fn has_single_sign_on(&self) -> bool {
        self.single_sign_on.is_some()
    }

    /// Where to lead a browser that is to sign in by the provider and to come back to `next`.
    ///
    /// With `anew`, the provider asks people to show who they are even where it knows them.
    pub fn start_single_sign_on(
        &self,
        asking: &Asking,
        browser: Browser<'_>,
        next: &str,
        anew: bool,
    ) -> Result<String, Refusal> {
        let provider = self.single_sign_on.as_ref().ok_or(Refusal::Absent)?;
        let client = provider.client(asking.now).map_err(|why| unavailable(asking, &why))?;
        let state = State::new(asking.now, next, anew);
        let (written, nonce) = (state.written(browser.token), state.nonce(browser.token));
        let verifier = PkceCodeVerifier::new(state.verifier(browser.token));
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        let csrf_token = || CsrfToken::new(written);
        let mut request = client
            .authorize_url(provider::CODE_FLOW, csrf_token, || Nonce::new(nonce))
            .add_scope(openidconnect::Scope::new("email".into()))
            .set_pkce_challenge(challenge);
        if anew {
            request = request
                .add_prompt(openidconnect::core::CoreAuthPrompt::Login)
                .set_max_age(std::time::Duration::ZERO);
        }
        Ok(request.url().0.into())
    }

    /// Signs in whoever comes back from the provider; gives the browser's new token and where it was to
    /// go on to.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`] where what came back cannot be used, or nobody was invited who could be
    /// meant.
    pub fn finish_single_sign_on(
        &self,
        asking: &Asking,
        browser: Browser<'_>,
        came_back: CameBack<'_>,
    ) -> Result<(String, String), Refusal> {
        let provider = self.single_sign_on.as_ref().ok_or(Refusal::Absent)?;
        let state = State::read(came_back.state, browser.token)
            .filter(|state| (TimeDelta::zero()..=BACK_WITHIN).contains(&(asking.now - state.made_at())));
        let state = state.ok_or_else(|| refused(asking, "the state is not this browser's"))?;
        if came_back.iss.is_some_and(|iss| iss != provider.settings.issuer) {
            return Err(refused(asking, "another issuer answered"));
        }
        let code = AuthorizationCode::new(came_back.code.to_owned());
        let verifier = PkceCodeVerifier::new(state.verifier(browser.token));
        let nonce = Nonce::new(state.nonce(browser.token));
        let identity =
            provider.identity(code, verifier, &nonce, asking.now).map_err(|why| refused(asking, &why))?;
        if state.anew() {
            let shown_at = identity.shown_at.ok_or_else(|| refused(asking, "no auth_time"))?;
            if asking.now - shown_at > SHOWN_WITHIN {
                return Err(refused(asking, "they were not asked to show who they are"));
            }
        }
        let person = self.person_of(asking, &identity)?;
        let token = self.start_session(asking, browser, person, WAY)?;
        Ok((token, state.next().to_owned()))
    }

    /// Ends the sessions of whom the provider says that they have signed out there.
    ///
    /// # Errors
    /// [`Refusal::BadRequest`] where the token is not the provider's, or not one for signing out.
    pub fn signed_out_elsewhere(&self, asking: &Asking, logout_token: &str) -> Result<(), Refusal> {
        let provider = self.single_sign_on.as_ref().ok_or(Refusal::Absent)?;
        let subject_there = provider.logged_out(logout_token, asking.now).map_err(|why| {
            tracing::warn!(request_id = asking.request_id, why, "a logout token was refused");
            Refusal::BadRequest { status: 400, message: "The logout token cannot be used".into() }
        })?;
        let known = self.store()?.person_by_subject(&provider.settings.issuer, &subject_there)?;
        let Some(person) = known else { return Ok(()) };
        let deed = Deed {
            at: asking.now,
            deed: "sessions ended",
            subject: subject(person.id),
            detail: "signed out at the provider of identities".into(),
            request_id: asking.request_id.clone(),
            ..Deed::default()
        };
        Ok(self.change(|store| store.end_sessions(person.id, None, &deed))?)
    }

    /// The person of an identity: who is linked with it, or who was invited under its verified address.
    fn person_of(&self, asking: &Asking, identity: &Identity) -> Result<Person, Refusal> {
        let mut store = self.store()?;
        if let Some(person) = store.person_by_subject(&identity.issuer, &identity.subject)? {
            return match person.state {
                PersonState::Active => Ok(person),
                PersonState::Invited | PersonState::Disabled => Err(not_invited()),
            };
        }
        let invited = match &identity.verified_email {
            Some(email) => store.person_by_email(&email.to_lowercase())?,
            None => return Err(refused(asking, "no verified address")),
        };
        let person = invited.filter(|person| person.state != PersonState::Disabled);
        let person = person.ok_or_else(not_invited)?;
        drop(store);
        let deed = Deed {
            at: asking.now,
            by: Some((person.id, person.name.clone())),
            deed: "single sign-on linked",
            subject: subject(person.id),
            detail: identity.issuer.clone(),
            request_id: asking.request_id.clone(),
            ..Deed::default()
        };
        let is_linked =
            self.change(|store| store.link_subject(person.id, &identity.issuer, &identity.subject, &deed))?;
        if !is_linked {
            return Err(refused(asking, "the person is linked with another identity"));
        }
        self.store()?.person(person.id)?.ok_or(Refusal::Absent)
    }
}

fn not_invited() -> Refusal {
    Refusal::NotAllowed(
        "Your organisation knows you, but nobody has let you in here. Ask an administrator of this service to \
         add you under the email address that your organisation has for you"
            .into(),
    )
}

fn refused(asking: &Asking, why: &str) -> Refusal {
    tracing::warn!(request_id = asking.request_id, why, "a single sign-on was refused");
    Refusal::NotAllowed(
        "Signing in with your organisation’s account did not work. Go to the sign-in page and try it once more"
            .into(),
    )
}

fn unavailable(asking: &Asking, why: &str) -> Refusal {
    tracing::warn!(request_id = asking.request_id, why, "the provider of identities cannot be used");
    Refusal::NotAllowed(
        "Your organisation’s sign-in cannot be reached at present. Try again in a few minutes, or sign in by \
         password"
            .into(),
    )
}
