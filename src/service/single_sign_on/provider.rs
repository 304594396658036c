//! The provider of identities: its settings, and asking it.

use super::id_token::{Identity, TokenFault, identity_of, logged_out};
use chrono::{NaiveDateTime, TimeDelta};
use openidconnect::{
    AuthType, AuthenticationFlow, AuthorizationCode, ClientId, ClientSecret, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse,
    PkceCodeVerifier, RedirectUrl, SubjectIdentifier, TokenResponse,
    core::{
        CoreClient, CoreClientAuthMethod, CoreIdToken, CoreProviderMetadata, CoreResponseType,
        CoreUserInfoClaims,
    },
    http,
};
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

pub(super) const CODE_FLOW: AuthenticationFlow<CoreResponseType> = AuthenticationFlow::AuthorizationCode;

/// How long the provider may take to answer, and how much it may say.
const DEADLINE: Duration = Duration::from_secs(10);
const LARGEST_ANSWER: u64 = 1024 * 1024;
/// What the provider says of itself is asked for again after so long, and where a key is not known, but
/// then no more often than once a minute.
const KNOWN_FOR: TimeDelta = TimeDelta::hours(1);
const ASKED_AT_MOST_EVERY: TimeDelta = TimeDelta::minutes(1);
/// For how long a provider that did not answer is taken not to.
const NOT_ASKED_AGAIN_FOR: Duration = Duration::from_secs(10);

/// How people sign in by a provider of identities.
#[derive(Clone)]
pub struct SingleSignOn {
    /// Exactly as the provider writes it in its tokens.
    pub issuer: String,
    pub client_id: String,
    pub client_secret: String,
    /// Where people reach the service, such as `https://outturn.example.org`. The provider must know
    /// this address with `/single-sign-on/back` for coming back, and with `/single-sign-on/logout` for
    /// telling that somebody has signed out there.
    pub public_address: String,
    /// Every address that the provider has is one that its organisation gave out, although it does not
    /// say so in each token, as a tenant of Entra ID. Never true of a provider at which anybody can
    /// register.
    pub vouches_for_addresses: bool,
}

/// The secret stays out of what is printed.
impl std::fmt::Debug for SingleSignOn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SingleSignOn")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .field("public_address", &self.public_address)
            .field("vouches_for_addresses", &self.vouches_for_addresses)
            .finish_non_exhaustive()
    }
}

impl SingleSignOn {
    /// What is wrong with the settings, in words; nothing where they are sound.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (what, address) in [("issuer", &self.issuer), ("public address", &self.public_address)] {
            match address.parse::<http::Uri>() {
                Ok(uri) if is_safe(&uri) => {}
                Ok(_) | Err(_) => {
                    faults.push(format!("the {what} must be an address like https://example.org"))
                }
            }
        }
        for (what, value) in [("client id", &self.client_id), ("client secret", &self.client_secret)] {
            if value.trim().is_empty() {
                faults.push(format!("the {what} is empty"));
            }
        }
        faults
    }

    fn place(&self, path: &str) -> String {
        format!("{}{path}", self.public_address.trim_end_matches('/'))
    }
}

pub(super) type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The provider, and what it said of itself lately.
pub(crate) struct Provider {
    pub(super) settings: SingleSignOn,
    agent: ureq::Agent,
    known: Mutex<Option<(NaiveDateTime, Arc<CoreProviderMetadata>)>>,
    /// Held by whoever asks it what it is; with why the last one who asked got no answer.
    asking: Mutex<Option<(Instant, String)>>,
}

/// Why the provider's answer is missing.
#[derive(Debug, thiserror::Error)]
pub(super) enum AskingFault {
    #[error("only https is asked")]
    NotEncrypted,
    #[error(transparent)]
    Failed(#[from] ureq::Error),
}

impl Provider {
    pub(crate) fn new(settings: SingleSignOn) -> Provider {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(DEADLINE))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .build()
            .new_agent();
        Provider { settings, agent, known: Mutex::new(None), asking: Mutex::new(None) }
    }

    /// The client that asks the provider, by what it says of itself.
    pub(super) fn client(&self, now: NaiveDateTime) -> Result<Client, String> {
        let known = self.known(now, KNOWN_FOR)?;
        let client = CoreClient::from_provider_metadata(
            (*known).clone(),
            ClientId::new(self.settings.client_id.clone()),
            Some(ClientSecret::new(self.settings.client_secret.clone())),
        );
        let back = RedirectUrl::new(self.settings.place("/single-sign-on/back"))
            .map_err(|error| error.to_string())?;
        let ways = known.token_endpoint_auth_methods_supported();
        let takes_basic = ways.is_none_or(|ways| ways.contains(&CoreClientAuthMethod::ClientSecretBasic));
        let way = if takes_basic { AuthType::BasicAuth } else { AuthType::RequestBody };
        Ok(client.set_redirect_uri(back).set_auth_type(way))
    }

    /// Fetches the tokens of a code, and says who it is once every check has held.
    pub(super) fn identity(
        &self,
        code: AuthorizationCode,
        verifier: PkceCodeVerifier,
        nonce: &Nonce,
        now: NaiveDateTime,
    ) -> Result<Identity, String> {
        let client = self.client(now)?;
        let http = |request: HttpRequest| self.ask(request);
        let request = client.exchange_code(code).map_err(|error| error.to_string())?;
        let tokens = request.set_pkce_verifier(verifier).request(&http).map_err(|error| in_words(&error))?;
        let token = tokens.id_token().ok_or("the provider gave no ID token")?;
        let mut identity = self.checked(token, nonce, now)?;
        if identity.verified_email.is_none() && client.user_info_url().is_some() {
            let subject = SubjectIdentifier::new(identity.subject.clone());
            let request = client.user_info(tokens.access_token().clone(), Some(subject));
            let claims: CoreUserInfoClaims = request
                .map_err(|error| error.to_string())?
                .request(&http)
                .map_err(|error| in_words(&error))?;
            let is_theirs = claims.email_verified() == Some(true) || self.settings.vouches_for_addresses;
            identity.verified_email =
                claims.email().filter(|_| is_theirs).map(|email| email.as_str().to_owned());
        }
        Ok(identity)
    }

    /// Whom a logout token speaks of.
    pub(super) fn logged_out(&self, token: &str, now: NaiveDateTime) -> Result<String, String> {
        self.with_keys(now, |keys| logged_out(token, &self.settings, keys, now))
    }

    fn checked(&self, token: &CoreIdToken, nonce: &Nonce, now: NaiveDateTime) -> Result<Identity, String> {
        self.with_keys(now, |keys| identity_of(token, &self.settings, keys, nonce, now))
    }

    /// Checks with the keys that are known, and once more with new ones where the key is not among them.
    fn with_keys<T>(
        &self,
        now: NaiveDateTime,
        check: impl Fn(&openidconnect::core::CoreJsonWebKeySet) -> Result<T, TokenFault>,
    ) -> Result<T, String> {
        let known = self.known(now, KNOWN_FOR)?;
        match check(known.jwks()) {
            Err(TokenFault::UnknownKey(_)) => {
                let known = self.known(now, ASKED_AT_MOST_EVERY)?;
                check(known.jwks()).map_err(|fault| fault.to_string())
            }
            checked => checked.map_err(|fault| fault.to_string()),
        }
    }

    /// What the provider says of itself, no older than this.
    fn known(&self, now: NaiveDateTime, no_older: TimeDelta) -> Result<Arc<CoreProviderMetadata>, String> {
        let held = self.known.lock().expect("nobody stops while holding it").clone();
        if let Some((asked_at, known)) = held
            && now - asked_at < no_older
        {
            return Ok(known);
        }
        // Anybody can have it asked: while it does not answer, one at a time waits for it, and not always.
        let mut failed = self.asking.try_lock().map_err(|_| "it is being asked already".to_owned())?;
        if let Some((_, why)) = failed.as_ref().filter(|(since, _)| since.elapsed() < NOT_ASKED_AGAIN_FOR) {
            return Err(why.clone());
        }
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(|error| error.to_string())?;
        let http = |request: HttpRequest| self.ask(request);
        let known = CoreProviderMetadata::discover(&issuer, &http).map_err(|error| {
            let why = in_words(&error);
            *failed = Some((Instant::now(), why.clone()));
            why
        })?;
        *failed = None;
        let known = Arc::new(known);
        *self.known.lock().expect("nobody stops while holding it") = Some((now, Arc::clone(&known)));
        Ok(known)
    }

    /// Asks the provider. Redirects are not followed: their answer is no answer.
    fn ask(&self, request: HttpRequest) -> Result<HttpResponse, AskingFault> {
        if !is_safe(request.uri()) {
            return Err(AskingFault::NotEncrypted);
        }
        let mut answer = self.agent.run(request)?;
        let body = answer.body_mut().with_config().limit(LARGEST_ANSWER).read_to_vec()?;
        let (parts, _) = answer.into_parts();
        Ok(http::Response::from_parts(parts, body))
    }
}

/// Whether nobody on the way can read or change what is asked there.
fn is_safe(uri: &http::Uri) -> bool {
    match (uri.scheme_str(), uri.host()) {
        (Some("https"), Some(_)) => true,
        (Some("http"), Some(host)) => ["localhost", "127.0.0.1", "[::1]"].contains(&host),
        (_, _) => false,
    }
}

/// An error with what caused it.
fn in_words(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words += &format!(": {error}");
        cause = error.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_provider_is_asked_by_https_alone_but_on_this_machine() {
        let is_safe = |uri: &str| is_safe(&uri.parse().unwrap());
        assert!(is_safe("https://login.example.org/x"));
        assert!(is_safe("http://127.0.0.1:3000/"));
        for unsafe_uri in
            ["http://login.example.org/", "http://127.0.0.1.example.org/", "/x", "ftp://127.0.0.1/"]
        {
            assert!(!is_safe(unsafe_uri), "{unsafe_uri}");
        }
    }

    #[test]
    fn a_provider_that_does_not_answer_is_not_asked_by_everybody() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let asked = std::thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            std::thread::sleep(Duration::from_millis(300));
            std::io::Write::write_all(&mut socket, b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n")
                .unwrap();
            listener.set_nonblocking(true).unwrap();
            std::thread::sleep(Duration::from_millis(300));
            listener.accept().is_err()
        });
        let settings = SingleSignOn {
            issuer,
            client_id: "outturn".into(),
            client_secret: "a secret".into(),
            public_address: "https://outturn.example.org".into(),
            vouches_for_addresses: false,
        };
        let provider = Provider::new(settings);
        let ask = || provider.known(NaiveDateTime::default(), KNOWN_FOR).unwrap_err();
        std::thread::scope(|scope| {
            let first = scope.spawn(ask);
            std::thread::sleep(Duration::from_millis(100));
            assert_eq!(ask(), "it is being asked already");
            let why = first.join().unwrap();
            assert_eq!(ask(), why);
        });
        assert!(asked.join().unwrap(), "it was asked twice");
    }

    #[test]
    fn settings_say_what_is_wrong_with_them_and_never_print_the_secret() {
        let settings = SingleSignOn {
            issuer: "http://login.example.org".into(),
            client_id: String::new(),
            client_secret: "a secret".into(),
            public_address: "https://outturn.example.org".into(),
            vouches_for_addresses: false,
        };
        assert_eq!(
            settings.faults(),
            ["the issuer must be an address like https://example.org", "the client id is empty"]
        );
        assert!(!format!("{settings:?}").contains("a secret"));
    }
}
