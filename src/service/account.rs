//! One's own account: name, password, second factor, sessions.

use super::{
    Asking, Refusal, Service, Who,
    people::checked_name,
    refusal::FieldFault,
    sign_in::{seconds, subject},
    who::{ABSOLUTE_LIMIT, IDLE_LIMIT},
};
use crate::{
    people::{
        password,
        second_factor::{self, Picture},
    },
    store::{ApiToken, Credentials, Session, Sha256},
};

/// An account as its person sees it.
#[derive(Clone, Debug)]
pub struct Account {
    pub has_password: bool,
    pub has_second_factor: bool,
    pub has_single_sign_on: bool,
    pub recovery_codes_left: u32,
    /// Those that are open, the latest first.
    pub sessions: Vec<Session>,
    pub tokens: Vec<ApiToken>,
}

/// A second factor that waits for its first code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// In base32, for whoever cannot take a picture.
    pub secret: String,
    pub picture: Picture,
    /// As the store keeps it.
    kept: String,
}

impl Service {
    /// The account of whoever asks.
    pub fn account(&self, who: &Who, asking: &Asking) -> Result<Account, Refusal> {
        let mut store = self.store()?;
        let credentials = store.credentials(who.person.id)?;
        let mut sessions = store.sessions(who.person.id)?;
        sessions.retain(|session| is_open(session, asking));
        Ok(Account {
            has_password: credentials.password_hash.is_some(),
            has_second_factor: credentials.totp_secret.is_some(),
            has_single_sign_on: credentials.has_single_sign_on,
            recovery_codes_left: credentials.recovery_codes_left,
            sessions,
            tokens: store.api_tokens(who.person.id)?,
        })
    }

    /// Changes what whoever asks is called.
    pub fn rename(&self, who: &Who, asking: &Asking, name: &str) -> Result<(), Refusal> {
        let id = signed_in(who)?;
        let name = checked_name(name).map_err(|message| Refusal::field("name", message))?;
        let deed = who.deed(asking, "name changed", "", subject(id), &name);
        Ok(self.change(|store| store.rename_person(id, &name, &deed))?)
    }

    /// Changes the password, and ends every other session and every token.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] where the present one is not right or the new one may not be chosen.
    pub fn change_password(
        &self,
        who: &Who,
        asking: &Asking,
        present: &str,
        new: &str,
    ) -> Result<(), Refusal> {
        let id = signed_in(who)?;
        let credentials = self.store()?.credentials(id)?;
        let has_second_factor = credentials.totp_secret.is_some();
        let fault = password::check(new, &who.person.name, &who.person.email, has_second_factor).err();
        let fault =
            fault.map(|fault| FieldFault { field: "new_password".into(), message: fault.to_string() });
        match (self.check_present_password(who, asking, &credentials, "present_password", present), fault) {
            (Ok(()), None) => {}
            (Ok(()), Some(fault)) => return Err(Refusal::Invalid(vec![fault])),
            (Err(Refusal::Invalid(mut faults)), fault) => {
                faults.extend(fault);
                return Err(Refusal::Invalid(faults));
            }
            (Err(refusal), _) => return Err(refusal),
        }
        let hash = password::hash(new);
        let deed = who.deed(asking, "password changed", "", subject(id), "");
        let session = who.session.as_ref().map(|session| session.number);
        Ok(self.change(|store| store.set_password(id, &hash, session, &deed))?)
    }

    /// Makes a secret for an app, which counts once its first code is given.
    pub fn propose_second_factor(&self, who: &Who, asking: &Asking) -> Result<(), Refusal> {
        let id = signed_in(who)?;
        who.must_be_confirmed(asking.now)?;
        let secret = self.to_be_kept(id, &second_factor::new_secret());
        Ok(self.change(|store| store.propose_second_factor(id, &secret))?)
    }

    /// The secret that waits for its first code; absent where there is none.
    pub fn proposed_second_factor(&self, who: &Who, asking: &Asking) -> Result<Proposal, Refusal> {
        who.must_be_confirmed(asking.now)?;
        let kept = self.store()?.credentials(who.person.id)?.totp_proposed.ok_or(Refusal::Absent)?;
        let secret = self.opened(who.person.id, &kept).ok_or(Refusal::Absent)?;
        let address = second_factor::address(&secret, &who.person.email);
        let picture = address.and_then(|address| second_factor::picture(&address));
        let picture =
            picture.ok_or_else(|| Refusal::Broken("no picture of the secret can be drawn".into()))?;
        Ok(Proposal { secret, picture, kept })
    }

    /// Turns the second factor on by its first code; gives the recovery codes, to be shown once.
    pub fn turn_on_second_factor(
        &self,
        who: &Who,
        asking: &Asking,
        code: &str,
    ) -> Result<Vec<String>, Refusal> {
        let id = signed_in(who)?;
        let proposal = self.proposed_second_factor(who, asking)?;
        let step = second_factor::step_of(&proposal.secret, code, seconds(asking), None);
        let step = step.ok_or_else(|| {
            Refusal::field(
                "code",
                "Enter the six-digit code that your app shows now. If it is refused again, check the \
                 time of your telephone",
            )
        })?;
        let (codes, kept) = new_codes();
        let deed = who.deed(asking, "second factor turned on", "", subject(id), "");
        self.change(|store| store.turn_on_second_factor(id, &proposal.kept, step, &kept, &deed))?;
        Ok(codes)
    }

    /// Turns the second factor off.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] where the password is not right, or too short to stand alone.
    pub fn turn_off_second_factor(&self, who: &Who, asking: &Asking, given: &str) -> Result<(), Refusal> {
        let id = signed_in(who)?;
        who.must_be_confirmed(asking.now)?;
        let credentials = self.store()?.credentials(id)?;
        self.check_present_password(who, asking, &credentials, "password", given)?;
        if credentials.password_hash.is_some() && given.chars().count() < password::SHORTEST {
            return Err(Refusal::field(
                "password",
                format!("Choose a password of {} characters or more first", password::SHORTEST),
            ));
        }
        let deed = who.deed(asking, "second factor turned off", "", subject(id), "");
        Ok(self.change(|store| store.turn_off_second_factor(id, &deed))?)
    }

    /// Gives new recovery codes, to be shown once; the earlier ones work no more.
    pub fn renew_recovery_codes(&self, who: &Who, asking: &Asking) -> Result<Vec<String>, Refusal> {
        let id = signed_in(who)?;
        who.must_be_confirmed(asking.now)?;
        self.store()?.credentials(id)?.totp_secret.ok_or(Refusal::Absent)?;
        let (codes, kept) = new_codes();
        let deed = who.deed(asking, "recovery codes made", "", subject(id), "");
        self.change(|store| store.set_recovery_codes(id, &kept, &deed))?;
        Ok(codes)
    }

    /// Ends one of the sessions of whoever asks.
    pub fn end_own_session(&self, who: &Who, asking: &Asking, number: u32) -> Result<(), Refusal> {
        let id = signed_in(who)?;
        let sessions = self.store()?.sessions(id)?;
        if !sessions.iter().any(|session| session.number == number && is_open(session, asking)) {
            return Err(Refusal::Absent);
        }
        let deed = who.deed(asking, "session ended", "", subject(id), format!("session {number}"));
        Ok(self.change(|store| store.end_sessions(id, Some(number), &deed))?)
    }

    /// Ends every session of whoever asks but the present one.
    pub fn end_own_other_sessions(&self, who: &Who, asking: &Asking) -> Result<(), Refusal> {
        let session = who.session.as_ref().ok_or(Refusal::NotSignedIn)?;
        let deed = who.deed(asking, "other sessions ended", "", subject(who.person.id), "");
        Ok(self.change(|store| store.end_other_sessions(who.person.id, session.number, &deed))?)
    }

    /// Refuses a password that is not right; whoever has none must have signed in lately instead.
    fn check_present_password(
        &self,
        who: &Who,
        asking: &Asking,
        credentials: &Credentials,
        field: &str,
        given: &str,
    ) -> Result<(), Refusal> {
        match credentials.password_hash {
            Some(_) => self.check_password(who, asking, field, given),
            None => who.must_be_confirmed(asking.now),
        }
    }
}

/// Whether the session still opens anything.
pub(super) fn is_open(session: &Session, asking: &Asking) -> bool {
    session.ended_at.is_none()
        && asking.now - session.last_seen_at < IDLE_LIMIT
        && asking.now - session.started_at < ABSOLUTE_LIMIT
}

/// The id of somebody who sits before a browser: systems with tokens change no accounts.
fn signed_in(who: &Who) -> Result<u32, Refusal> {
    who.session.as_ref().map(|session| session.person).ok_or(Refusal::Absent)
}

fn new_codes() -> (Vec<String>, Vec<Sha256>) {
    let codes = second_factor::new_recovery_codes();
    let kept = codes.iter().map(|code| second_factor::kept_recovery_code(code)).collect();
    (codes, kept)
}
