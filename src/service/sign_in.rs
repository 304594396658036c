//! Signing in and out, and showing once more who one is.
//!
//! A wrong password and an address that nobody has are answered alike, and take as long.
//! How many guesses are evaluated: [`super::guesses`]. Sources: OWASP ASVS 5.0, V6.3.8, V7.2.4.

use super::{Asking, Refusal, Service, Who, guesses::Guess, who::EXAMPLE};
use crate::{
    people::{Person, PersonState, password, second_factor, token},
    store::{Credentials, Deed, NewSession},
};
use chrono::TimeDelta;

/// For so long after the password the code may be given.
const CODE_WITHIN: TimeDelta = TimeDelta::minutes(10);

const NOT_RIGHT: &str = "Enter the email address and password of your account. One of them is not right";
const WRONG_CODE: &str =
    "Enter the six-digit code that your app shows now, or a recovery code that you have not used";
const CANNOT_CHECK: &str = "Codes of your app cannot be checked at present: the service lacks the key that your \
     second factor was sealed by. Enter a recovery code, or ask an administrator to take the second factor away";

/// The browser that somebody signs in with.
#[derive(Clone, Copy, Debug)]
pub struct Browser<'a> {
    /// What its cookie holds.
    pub token: &'a str,
    /// What it calls itself.
    pub agent: &'a str,
}

/// How far somebody got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedIn {
    /// All the way. The browser's cookie must hold this token from now on.
    Whole { token: String },
    /// The code is owed; until then the token opens nothing.
    CodeOwed { token: String },
}

impl Service {
    /// Signs somebody in by password.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] where the address or the password is not right, whichever it is;
    /// [`Refusal::TooMany`] after too many guesses.
    pub fn sign_in(
        &self,
        asking: &Asking,
        browser: Browser<'_>,
        email: &str,
        given: &str,
    ) -> Result<SignedIn, Refusal> {
        let email = email.trim().to_lowercase();
        let person = self.store()?.person_by_email(&email)?;
        let id = person.as_ref().map_or(0, |person| person.id);
        let attempt = self.attempt(asking, Guess::Password { email: &email, person: id })?;
        let credentials = self.store()?.credentials(id)?;
        let is_right = password::is_right(given, credentials.password_hash.as_deref());
        let known = person.as_ref().map(|person| person.id);
        match person.filter(|person| is_right && person.state == PersonState::Active) {
            Some(person) => {
                self.store()?.attempt_succeeded(attempt)?;
                self.password_was_right(asking, browser, person, &credentials)
            }
            None => {
                self.failed(asking, known, "password")?;
                Err(Refusal::field("email", NOT_RIGHT))
            }
        }
    }

    /// Signs in whoever gave the right password, or has just set it; or asks for the code first.
    pub(super) fn password_was_right(
        &self,
        asking: &Asking,
        browser: Browser<'_>,
        person: Person,
        credentials: &Credentials,
    ) -> Result<SignedIn, Refusal> {
        if credentials.totp_secret.is_none() {
            let token = self.start_session(asking, browser, person, "password")?;
            return Ok(SignedIn::Whole { token });
        }
        let token = token::new_token();
        let kept = token::kept(&token);
        self.store()?.start_half_sign_in(&kept, person.id, asking.now, asking.now - CODE_WITHIN)?;
        Ok(SignedIn::CodeOwed { token })
    }

    /// Whether the browser's person has given the password and owes the code.
    pub fn owes_code(&self, asking: &Asking, browser: Browser<'_>) -> Result<bool, Refusal> {
        let kept = token::kept(browser.token);
        Ok(self.store()?.half_signed_in(&kept, asking.now - CODE_WITHIN)?.is_some())
    }

    /// Signs in whoever gave the password before, by a code of the app or a recovery code; gives the
    /// browser's new token.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`] where no password was given lately; [`Refusal::Invalid`] where the code
    /// is wrong or was used before; [`Refusal::TooMany`] after too many guesses.
    pub fn give_code(&self, asking: &Asking, browser: Browser<'_>, code: &str) -> Result<String, Refusal> {
        let kept = token::kept(browser.token);
        let half = self.store()?.half_signed_in(&kept, asking.now - CODE_WITHIN)?;
        let person = self.store()?.person(half.ok_or(Refusal::NotSignedIn)?)?;
        let person = person.filter(|person| person.state == PersonState::Active);
        let person = person.ok_or(Refusal::NotSignedIn)?;
        self.check_code(asking, (&person, Guess::Code { person: person.id }), code)?;
        self.store()?.end_half_sign_in(&kept)?;
        self.start_session(asking, browser, person, "password and code")
    }

    /// Signs in as one of the example's people; gives the browser's new token.
    ///
    /// # Errors
    /// [`Refusal::Absent`] in any service but the built-in example.
    pub fn sign_in_as_example(
        &self,
        asking: &Asking,
        browser: Browser<'_>,
        person: u32,
    ) -> Result<String, Refusal> {
        if !self.is_example {
            return Err(Refusal::Absent);
        }
        let person = self.store()?.person(person)?;
        let person = person.filter(|person| person.state == PersonState::Active);
        self.start_session(asking, browser, person.ok_or(Refusal::Absent)?, EXAMPLE)
    }

    /// Ends the session of whoever asks.
    pub fn sign_out(&self, who: &Who, asking: &Asking) -> Result<(), Refusal> {
        let number = Some(who.session.as_ref().ok_or(Refusal::NotSignedIn)?.number);
        let deed = who.deed(asking, "signed out", "", subject(who.person.id), "");
        Ok(self.change(|store| store.end_sessions(who.person.id, number, &deed))?)
    }

    /// What somebody can confirm with that it is them.
    pub fn ways_to_confirm(&self, who: &Who) -> Result<WaysToConfirm, Refusal> {
        let credentials = self.store()?.credentials(who.person.id)?;
        Ok(WaysToConfirm {
            password: credentials.password_hash.is_some(),
            code: credentials.totp_secret.is_some(),
        })
    }

    /// Notes that somebody has shown once more who they are: by password, and by code where they have a
    /// second factor.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] where one is not right; [`Refusal::TooMany`] after too many guesses.
    pub fn confirm(&self, who: &Who, asking: &Asking, given: &str, code: &str) -> Result<(), Refusal> {
        let session = who.session.as_ref().ok_or(Refusal::NotSignedIn)?;
        self.check_password(who, asking, "password", given)?;
        if self.store()?.credentials(who.person.id)?.totp_secret.is_some() {
            self.check_code(asking, (&who.person, Guess::Confirmation(who)), code)?;
        }
        let deed = who.deed(asking, "confirmed who they are", "", subject(who.person.id), "");
        Ok(self.change(|store| store.confirm_session(who.person.id, session.number, &deed))?)
    }

    /// Starts a session in the place of the browser's own, and gives the browser's new token.
    pub(super) fn start_session(
        &self,
        asking: &Asking,
        browser: Browser<'_>,
        person: Person,
        way: &'static str,
    ) -> Result<String, Refusal> {
        const LONGEST_AGENT: usize = 200;
        if let Some(before) = self.who_has(&token::kept(browser.token))? {
            self.sign_out(&before, asking)?;
        }
        let token = token::new_token();
        let agent: String = browser.agent.chars().take(LONGEST_AGENT).collect();
        let new = NewSession {
            token_sha256: token::kept(&token),
            person: person.id,
            started_at: asking.now,
            way,
            address: &asking.address,
            browser: &agent,
        };
        let who = Who { person, session: None };
        let deed = who.deed(asking, "signed in", "", subject(who.person.id), way);
        self.change(|store| store.start_session(&new, &deed))?;
        Ok(token)
    }

    /// Refuses a password that is not that of whoever asks; a guess like any other.
    pub(super) fn check_password(
        &self,
        who: &Who,
        asking: &Asking,
        field: &str,
        given: &str,
    ) -> Result<(), Refusal> {
        let attempt = self.attempt(asking, Guess::Confirmation(who))?;
        let credentials = self.store()?.credentials(who.person.id)?;
        if !password::is_right(given, credentials.password_hash.as_deref()) {
            self.failed(asking, Some(who.person.id), "password")?;
            return Err(Refusal::field(field, "Enter the password that you sign in with now"));
        }
        Ok(self.store()?.attempt_succeeded(attempt)?)
    }

    /// Refuses a code that is neither the app's nor an unused recovery code; uses it otherwise.
    fn check_code(
        &self,
        asking: &Asking,
        (person, guess): (&Person, Guess<'_>),
        code: &str,
    ) -> Result<(), Refusal> {
        let credentials = self.store()?.credentials(person.id)?;
        let kept = credentials.totp_secret;
        let secret = kept.as_ref().and_then(|kept| self.opened(person.id, kept));
        if kept.is_some() && secret.is_none() && second_factor::is_of_app(code) {
            // It may well be right: nothing can be learnt here by guessing, and nobody is held up for it.
            tracing::error!(
                request_id = asking.request_id,
                person = person.id,
                "a code cannot be checked: the second factor was sealed by a key that is not set here"
            );
            return Err(Refusal::field("code", CANNOT_CHECK));
        }
        let attempt = self.attempt(asking, guess)?;
        let step = second_factor::step_of(
            &secret.unwrap_or_default(),
            code,
            seconds(asking),
            credentials.totp_last_step,
        );
        let is_right = match step {
            Some(step) => self.store()?.use_code(person.id, step)?,
            None => {
                let who = Who { person: person.clone(), session: None };
                let deed = who.deed(asking, "recovery code used", "", subject(person.id), "");
                let kept = second_factor::kept_recovery_code(code);
                self.change(|store| store.use_recovery_code(person.id, &kept, &deed))?
            }
        };
        if !is_right {
            self.failed(asking, Some(person.id), "code")?;
            return Err(Refusal::field("code", WRONG_CODE));
        }
        Ok(self.store()?.attempt_succeeded(attempt)?)
    }

    fn failed(&self, asking: &Asking, person: Option<u32>, what: &str) -> Result<(), Refusal> {
        // What was typed as an address is not recorded: it may be a password.
        let deed = Deed {
            at: asking.now,
            deed: "sign-in failed",
            subject: person.map(subject).unwrap_or_default(),
            detail: format!("{what}, from {}", asking.address),
            request_id: asking.request_id.clone(),
            ..Deed::default()
        };
        Ok(self.change(|store| store.record(&deed))?)
    }
}

/// What somebody has to confirm with that it is them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaysToConfirm {
    pub password: bool,
    pub code: bool,
}

/// What the audit record calls a person.
pub(super) fn subject(person: u32) -> String {
    format!("person {person}")
}

/// Seconds since 1970.
pub(super) fn seconds(asking: &Asking) -> u64 {
    u64::try_from(asking.now.and_utc().timestamp()).unwrap_or_default()
}
