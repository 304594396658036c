//! The headers that every answer has: nothing but our own may run, be framed or be guessed at.

/// Their names, in lower case, and what they say unless the answer says otherwise.
pub const EVERY_ANSWER: [(&str, &str); 9] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; \
         form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'",
    ),
    ("strict-transport-security", "max-age=63072000; includeSubDomains"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    // What is shown to somebody is kept nowhere; what may be kept, such as styles, says so itself.
    ("cache-control", "no-store"),
];

/// What a request may tell us; nothing else of it is kept.
pub const READ: [&str; 16] = [
    "accept",
    "accept-encoding",
    "authorization",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "origin",
    "prefer",
    "range",
    "sec-fetch-site",
    "transfer-encoding",
    "user-agent",
];
