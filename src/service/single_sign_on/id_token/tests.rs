//! Tokens as a provider writes them, and every way in which one may be wrong.

use super::*;
use openidconnect::{
    JsonWebKey, JsonWebKeyId, JsonWebKeySet, PrivateSigningKey,
    core::{CoreHmacKey, CoreRsaPrivateSigningKey},
};
use serde_json::{Value, json};

/// Made for these tests: they open nothing.
const PROVIDERS_KEY: &str = include_str!("../../../../tests/keys/provider.pem");
const ANOTHERS_KEY: &str = include_str!("../../../../tests/keys/another.pem");

const ISSUER: &str = "https://login.example.org";
const CLIENT: &str = "outturn";
const NONCE: &str = "a nonce of this sign-in";

fn settings() -> SingleSignOn {
    SingleSignOn {
        issuer: ISSUER.into(),
        client_id: CLIENT.into(),
        client_secret: "a secret of both".into(),
        public_address: "https://outturn.example.org".into(),
        vouches_for_addresses: false,
    }
}

fn now() -> NaiveDateTime {
    let day = chrono::NaiveDate::from_ymd_opt(2026, 11, 28).unwrap();
    day.and_hms_opt(10, 0, 0).unwrap()
}

fn seconds(from_now: i64) -> Value {
    json!(now().and_utc().timestamp() + from_now)
}

fn key(pem: &str, id: &str) -> CoreRsaPrivateSigningKey {
    CoreRsaPrivateSigningKey::from_pem(pem, Some(JsonWebKeyId::new(id.into()))).unwrap()
}

fn keys() -> CoreJsonWebKeySet {
    JsonWebKeySet::new(vec![key(PROVIDERS_KEY, "key 1").as_verification_key()])
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let value =
            group.iter().fold(0u32, |value, byte| value << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..=group.len() {
            text.push(char::from(LETTERS[(value >> (18 - 6 * place) & 63) as usize]));
        }
    }
    text
}

/// A token before it is signed.
struct Draft {
    header: Value,
    claims: Value,
    key: &'static str,
}

impl Draft {
    fn of(claims: Value) -> Draft {
        Draft { header: json!({ "alg": "RS256", "typ": "JWT", "kid": "key 1" }), claims, key: PROVIDERS_KEY }
    }

    fn text(&self) -> String {
        format!(
            "{}.{}",
            base64(self.header.to_string().as_bytes()),
            base64(self.claims.to_string().as_bytes())
        )
    }

    fn signed(&self) -> String {
        let text = self.text();
        let key = key(self.key, "key 1");
        let signature = key.sign(&CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, text.as_bytes()).unwrap();
        format!("{text}.{}", base64(&signature))
    }

    fn without(mut self, claim: &str) -> Draft {
        self.claims.as_object_mut().unwrap().remove(claim);
        self
    }

    fn with(mut self, claim: &str, value: Value) -> Draft {
        self.claims[claim] = value;
        self
    }

    fn head(mut self, name: &str, value: Value) -> Draft {
        self.header[name] = value;
        self
    }
}

fn sound() -> Draft {
    Draft::of(json!({
        "iss": ISSUER, "aud": CLIENT, "sub": "4711", "nonce": NONCE, "iat": seconds(-2), "exp": seconds(300),
        "auth_time": seconds(-5), "email": "Ann@Example.org", "email_verified": true,
    }))
}

fn checked(token: &str) -> Result<Identity, TokenFault> {
    let token = CoreIdToken::from_str(token).map_err(|error| TokenFault::Unreadable(error.to_string()))?;
    identity_of(&token, &settings(), &keys(), &Nonce::new(NONCE.into()), now())
}

#[test]
fn a_sound_token_says_who_it_is() {
    let identity = checked(&sound().signed()).unwrap();
    assert_eq!((identity.issuer.as_str(), identity.subject.as_str()), (ISSUER, "4711"));
    assert_eq!(identity.verified_email.as_deref(), Some("Ann@Example.org"));
    assert_eq!(identity.shown_at, Some(now() - TimeDelta::seconds(5)));
    assert!(checked(&sound().with("aud", json!([CLIENT])).with("azp", json!(CLIENT)).signed()).is_ok());
    assert!(checked(&sound().with("iat", seconds(59)).signed()).is_ok(), "clocks may differ a little");
}

#[test]
fn an_address_counts_only_where_it_is_known_to_be_theirs() {
    let email = |draft: Draft, vouches| {
        let token = CoreIdToken::from_str(&draft.signed()).unwrap();
        let settings = SingleSignOn { vouches_for_addresses: vouches, ..settings() };
        identity_of(&token, &settings, &keys(), &Nonce::new(NONCE.into()), now()).unwrap().verified_email
    };
    assert_eq!(email(sound().with("email_verified", json!(false)), false), None);
    assert_eq!(email(sound().without("email_verified"), false), None);
    assert!(email(sound().without("email_verified"), true).is_some());
}

#[test]
fn every_other_token_is_refused() {
    let public = key(PROVIDERS_KEY, "key 1").as_verification_key();
    let public = serde_json::to_vec(&public).unwrap();
    let by_public_key = |draft: Draft| {
        let text = draft.head("alg", json!("HS256")).text();
        let signature =
            CoreHmacKey::new(public.clone()).sign(&CoreJwsSigningAlgorithm::HmacSha256, text.as_bytes());
        format!("{text}.{}", base64(&signature.unwrap()))
    };
    let by_shared_secret = |draft: Draft| {
        let text = draft.head("alg", json!("HS256")).text();
        let key = CoreHmacKey::new(settings().client_secret);
        let signature = key.sign(&CoreJwsSigningAlgorithm::HmacSha256, text.as_bytes()).unwrap();
        format!("{text}.{}", base64(&signature))
    };
    let changed = |from: &Draft, to: &Draft| {
        let signed = from.signed();
        format!("{}.{}", to.text(), signed.rsplit('.').next().unwrap())
    };
    let signed = sound().signed();
    let cut = |parts: usize| signed.split('.').take(parts).collect::<Vec<_>>().join(".");
    let flipped = {
        let (head, tail) = signed.split_at(signed.len() - 20);
        let first = if tail.starts_with('A') { "B" } else { "A" };
        format!("{head}{first}{}", &tail[1..])
    };
    let wrong: Vec<(&str, String)> = vec![
        ("nothing", String::new()),
        ("no signature", cut(2)),
        ("an empty signature", format!("{}.", cut(2))),
        ("a signature with a letter changed", flipped),
        ("another's key", Draft { key: ANOTHERS_KEY, ..sound() }.signed()),
        (
            "another's key under an unknown id",
            Draft { key: ANOTHERS_KEY, ..sound() }.head("kid", json!("2")).signed(),
        ),
        ("an unknown key id", sound().head("kid", json!("key 2")).signed()),
        ("claims changed after signing", changed(&sound(), &sound().with("sub", json!("1")))),
        ("alg none, unsigned", format!("{}.", sound().head("alg", json!("none")).text())),
        ("alg none, signed", sound().head("alg", json!("none")).signed()),
        ("alg None", format!("{}.", sound().head("alg", json!("None")).text())),
        ("HS256 with the public key", by_public_key(sound())),
        ("HS256 with the client secret", by_shared_secret(sound())),
        ("RS512 said, RS256 signed", sound().head("alg", json!("RS512")).signed()),
        ("ES256 said, RS256 signed", sound().head("alg", json!("ES256")).signed()),
        ("an unknown algorithm", sound().head("alg", json!("XX256")).signed()),
        ("a critical header", sound().head("crit", json!(["b64"])).signed()),
        ("a token of another type", sound().head("typ", json!("at+jwt")).signed()),
        ("a nested token", sound().head("cty", json!("JWT")).signed()),
        ("another issuer", sound().with("iss", json!("https://login.example.com")).signed()),
        ("an issuer with a slash more", sound().with("iss", json!("https://login.example.org/")).signed()),
        ("no issuer", sound().without("iss").signed()),
        ("another audience", sound().with("aud", json!("another")).signed()),
        ("a further audience", sound().with("aud", json!([CLIENT, "another"])).signed()),
        ("no audience", sound().without("aud").signed()),
        ("an empty audience", sound().with("aud", json!([])).signed()),
        ("made for another client", sound().with("azp", json!("another")).signed()),
        ("expired", sound().with("exp", seconds(-1)).signed()),
        ("expiring now", sound().with("exp", seconds(0)).signed()),
        ("no expiry", sound().without("exp").signed()),
        ("an expiry in words", sound().with("exp", json!("tomorrow")).signed()),
        ("issued in the future", sound().with("iat", seconds(61)).signed()),
        ("issued long ago", sound().with("iat", seconds(-601)).signed()),
        ("no time of issue", sound().without("iat").signed()),
        ("another nonce", sound().with("nonce", json!("another")).signed()),
        ("an empty nonce", sound().with("nonce", json!("")).signed()),
        ("no nonce", sound().without("nonce").signed()),
        ("no subject", sound().without("sub").signed()),
        ("an empty subject", sound().with("sub", json!("")).signed()),
        ("a subject without end", sound().with("sub", json!("x".repeat(256))).signed()),
    ];
    assert!(wrong.len() >= 25);
    for (what, token) in wrong {
        assert!(checked(&token).is_err(), "{what} was taken");
    }
}

fn logout() -> Draft {
    Draft::of(json!({
        "iss": ISSUER, "aud": CLIENT, "sub": "4711", "iat": seconds(-2), "exp": seconds(120), "jti": "1",
        "events": { LOGOUT_EVENT: {} },
    }))
    .head("typ", json!("logout+jwt"))
}

#[test]
fn a_logout_token_says_who_has_signed_out_and_nothing_else_does() {
    let told = |draft: Draft| logged_out(&draft.signed(), &settings(), &keys(), now());
    assert_eq!(told(logout()).unwrap(), "4711");
    assert_eq!(told(logout().head("typ", json!("JWT"))).unwrap(), "4711");
    for (what, draft) in [
        ("an ID token", sound()),
        ("a nonce", logout().with("nonce", json!(NONCE))),
        ("no event", logout().without("events")),
        ("another event", logout().with("events", json!({ "https://example.org/": {} }))),
        ("another issuer", logout().with("iss", json!("https://login.example.com"))),
        ("another audience", logout().with("aud", json!("another"))),
        ("expired", logout().with("exp", seconds(-1))),
        ("issued long ago", logout().with("iat", seconds(-601))),
        ("no subject", logout().without("sub")),
        ("another's key", Draft { key: ANOTHERS_KEY, ..logout() }),
    ] {
        assert!(told(draft).is_err(), "{what} was taken");
    }
    assert!(checked(&logout().signed()).is_err(), "and it signs nobody in");
}

#[test]
fn a_key_that_is_not_known_is_told_apart_for_it_may_be_new() {
    let unknown = checked(&sound().head("kid", json!("key 2")).signed());
    assert!(matches!(unknown, Err(TokenFault::UnknownKey(_))), "{unknown:?}");
    assert!(keys().keys()[0].key_id().is_some());
}
