-- Who works with the figures, what they are doing with them, and the record of what was done.
--
-- Unlike facts, some rows here change: a return is sent, then accepted; a person's password is changed.
-- Each such change is one transaction with its entry in the audit record, which never changes.
--
-- Times are UTC. Secrets that the service only compares are kept as their SHA-256, passwords as argon2id.

-- Somebody who signs in.
CREATE TABLE person (
    id INTEGER NOT NULL PRIMARY KEY,
    -- In lower case; what they sign in with.
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- 'invited': has a link and no password yet. 'disabled': may not sign in.
    state TEXT NOT NULL CHECK (state IN ('invited', 'active', 'disabled')),
    -- In the PHC form of argon2id.
    password_hash TEXT,
    -- Base32; kept as it is, for the service must work the codes out itself.
    totp_secret TEXT,
    -- A secret that was shown and waits for its first code.
    totp_proposed TEXT,
    -- The last period whose code was used, so that none is used twice.
    totp_last_step BIGINT,
    -- The provider of identities and its name for the person, for single sign-on.
    oidc_issuer TEXT,
    oidc_subject TEXT,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (oidc_issuer, oidc_subject),
    CHECK ((oidc_issuer IS NULL) = (oidc_subject IS NULL))
);

-- What a person may be: one row a role, area and, for a partner's own people, partner.
CREATE TABLE role_held (
    person INTEGER NOT NULL REFERENCES person (id),
    role TEXT NOT NULL CHECK (role IN (
        'partner officer', 'partner approver', 'pooled budget manager', 'board member', 'alliance member',
        'auditor', 'administrator'
    )),
    -- Empty for every area.
    area_code TEXT NOT NULL,
    -- Empty but for a partner's own people.
    partner_id TEXT NOT NULL,
    PRIMARY KEY (person, role, area_code, partner_id),
    CHECK ((role IN ('partner officer', 'partner approver')) = (partner_id <> ''))
) WITHOUT ROWID;

-- A link that works once: to set a first password, or a new one. The first administrator's names nobody yet.
CREATE TABLE one_time_link (
    token_sha256 TEXT NOT NULL PRIMARY KEY,
    person INTEGER REFERENCES person (id),
    purpose TEXT NOT NULL CHECK (purpose IN ('invitation', 'recovery', 'first administrator')),
    made_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP,
    CHECK ((purpose = 'first administrator') = (person IS NULL))
) WITHOUT ROWID;

-- Codes for whoever has lost the second factor.
CREATE TABLE recovery_code (
    person INTEGER NOT NULL REFERENCES person (id),
    code_sha256 TEXT NOT NULL,
    used_at TIMESTAMP,
    PRIMARY KEY (person, code_sha256)
) WITHOUT ROWID;

CREATE TABLE login_session (
    token_sha256 TEXT NOT NULL PRIMARY KEY,
    -- What lists and links call it; from 1 for each person.
    number INTEGER NOT NULL,
    person INTEGER NOT NULL REFERENCES person (id),
    started_at TIMESTAMP NOT NULL,
    last_seen_at TIMESTAMP NOT NULL,
    -- When the person last showed who they are, for what asks for it again.
    confirmed_at TIMESTAMP NOT NULL,
    -- How they signed in: 'password', 'password and code', 'single sign-on', 'example'.
    way TEXT NOT NULL,
    address TEXT NOT NULL,
    browser TEXT NOT NULL,
    ended_at TIMESTAMP,
    UNIQUE (person, number)
) WITHOUT ROWID;

-- A browser whose person gave the right password and still owes the code: it opens nothing.
CREATE TABLE half_sign_in (
    token_sha256 TEXT NOT NULL PRIMARY KEY,
    person INTEGER NOT NULL REFERENCES person (id),
    started_at TIMESTAMP NOT NULL
) WITHOUT ROWID;

-- Attempts to sign in, for as long as they count against the next one.
CREATE TABLE sign_in_attempt (
    number INTEGER NOT NULL PRIMARY KEY,
    -- SHA-256 of the address in lower case, whether there is such a person or not.
    email_sha256 TEXT NOT NULL,
    address TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    succeeded BOOLEAN NOT NULL
);
CREATE INDEX sign_in_attempt_by_email ON sign_in_attempt (email_sha256, at);
CREATE INDEX sign_in_attempt_by_address ON sign_in_attempt (address, at);

-- A partner's system acts for a person by one of these.
CREATE TABLE api_token (
    number INTEGER NOT NULL PRIMARY KEY,
    token_sha256 TEXT NOT NULL UNIQUE,
    person INTEGER NOT NULL REFERENCES person (id),
    name TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    last_used_at TIMESTAMP,
    revoked_at TIMESTAMP
);

-- A return on its way: sent by one person, accepted or sent back by another. Once accepted it is a
-- submission too, with the same file.
CREATE TABLE sent_return (
    area_code TEXT NOT NULL,
    -- From 1 in each area.
    number INTEGER NOT NULL CHECK (number > 0),
    return_type TEXT NOT NULL CHECK (return_type IN ('capitation', 'finance', 'measures', 'targets')),
    -- The month that it is sent for.
    as_at INTEGER NOT NULL,
    -- The partner whose people sent it; empty where the pooled budget manager did.
    partner_id TEXT NOT NULL,
    file_name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    -- How it came.
    way TEXT NOT NULL CHECK (way IN ('file', 'form', 'interface')),
    row_count INTEGER NOT NULL,
    query_count INTEGER NOT NULL,
    -- What the sender says about the queries; empty where there are none.
    comment TEXT NOT NULL,
    sent_by INTEGER NOT NULL,
    sent_at TIMESTAMP NOT NULL,
    PRIMARY KEY (area_code, number)
) WITHOUT ROWID;

-- What became of a sent return; until there is a row, it waits for somebody to look at it. One row a
-- return: of two who decide at once, one is first.
CREATE TABLE return_decision (
    area_code TEXT NOT NULL,
    number INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'sent back', 'withdrawn')),
    -- As in sent_return: nobody accepts what they sent themselves.
    sent_by INTEGER NOT NULL,
    decided_by INTEGER NOT NULL,
    decided_at TIMESTAMP NOT NULL,
    -- Why it was sent back.
    reason TEXT NOT NULL,
    -- What it became.
    submission INTEGER,
    PRIMARY KEY (area_code, number),
    FOREIGN KEY (area_code, number) REFERENCES sent_return (area_code, number),
    FOREIGN KEY (area_code, submission) REFERENCES submission (area_code, number),
    CHECK ((outcome = 'accepted') = (submission IS NOT NULL)),
    CHECK (outcome <> 'accepted' OR decided_by <> sent_by),
    CHECK (outcome <> 'sent back' OR reason <> '')
) WITHOUT ROWID;

CREATE TABLE sent_return_file (
    area_code TEXT NOT NULL,
    number INTEGER NOT NULL,
    -- Length as sent.
    byte_count BIGINT NOT NULL,
    encoding TEXT NOT NULL CHECK (encoding IN ('plain', 'zlib')),
    content BLOB NOT NULL,
    PRIMARY KEY (area_code, number),
    FOREIGN KEY (area_code, number) REFERENCES sent_return (area_code, number)
);

-- A return that was checked and is not sent yet: it waits for what its sender says about its queries. It
-- is the sender's alone, and gone once it is sent.
CREATE TABLE return_draft (
    area_code TEXT NOT NULL,
    as_at INTEGER NOT NULL,
    person INTEGER NOT NULL REFERENCES person (id),
    return_type TEXT NOT NULL CHECK (return_type IN ('capitation', 'finance', 'measures', 'targets')),
    -- As in sent_return.
    partner_id TEXT NOT NULL,
    file_name TEXT NOT NULL,
    way TEXT NOT NULL CHECK (way IN ('file', 'form', 'interface')),
    kept_at TIMESTAMP NOT NULL,
    -- Length as sent.
    byte_count BIGINT NOT NULL,
    encoding TEXT NOT NULL CHECK (encoding IN ('plain', 'zlib')),
    content BLOB NOT NULL,
    PRIMARY KEY (area_code, as_at, person, return_type, partner_id)
);

-- A month that takes no more returns.
CREATE TABLE month_lock (
    area_code TEXT NOT NULL,
    as_at INTEGER NOT NULL,
    -- 'concluded': the manager ended data entry. 'approved': the pack of the month was approved.
    why TEXT NOT NULL CHECK (why IN ('concluded', 'approved')),
    locked_by INTEGER NOT NULL,
    locked_at TIMESTAMP NOT NULL,
    PRIMARY KEY (area_code, as_at)
) WITHOUT ROWID;

-- What an owner says of an exception: why, what is being done, by when. A changed one is a new row.
CREATE TABLE commentary (
    area_code TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    as_at INTEGER NOT NULL,
    -- A measure 'measure/NEA', a scheme 'scheme/S01', or 'summary'.
    subject TEXT NOT NULL,
    cause TEXT NOT NULL,
    action TEXT NOT NULL,
    action_by DATE,
    owner TEXT NOT NULL,
    written_by INTEGER NOT NULL,
    written_at TIMESTAMP NOT NULL,
    -- The earlier one that it takes the place of.
    replaces INTEGER,
    -- Set where it ends the matter.
    closes BOOLEAN NOT NULL,
    PRIMARY KEY (area_code, number),
    FOREIGN KEY (area_code, replaces) REFERENCES commentary (area_code, number)
) WITHOUT ROWID;

-- A pack on its way to be published: prepared by one person, approved by another who saw the same hash.
CREATE TABLE pack_draft (
    area_code TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    as_at INTEGER NOT NULL,
    manifest_sha256 TEXT NOT NULL,
    edition TEXT NOT NULL CHECK (edition IN ('restricted', 'public')),
    release_at TIMESTAMP NOT NULL,
    -- Why it goes out although something is missing; empty where nothing is.
    override_reason TEXT NOT NULL,
    prepared_by INTEGER NOT NULL,
    prepared_at TIMESTAMP NOT NULL,
    -- 'void': what it was made from had changed when somebody was about to approve it.
    state TEXT NOT NULL CHECK (state IN ('prepared', 'approved', 'withdrawn', 'void')),
    decided_by INTEGER,
    decided_at TIMESTAMP,
    reason TEXT NOT NULL,
    -- The version that it was published as.
    version INTEGER,
    PRIMARY KEY (area_code, number),
    FOREIGN KEY (area_code, as_at, version) REFERENCES publication (area_code, as_at, version),
    CHECK ((state = 'prepared') = (decided_at IS NULL)),
    CHECK ((state = 'approved') = (version IS NOT NULL)),
    CHECK (state <> 'approved' OR decided_by <> prepared_by)
) WITHOUT ROWID;

-- When and to whom a published version is readable. A version without a row is readable by the area's
-- people since it was published.
CREATE TABLE release (
    area_code TEXT NOT NULL,
    as_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    release_at TIMESTAMP NOT NULL,
    edition TEXT NOT NULL CHECK (edition IN ('restricted', 'public')),
    PRIMARY KEY (area_code, as_at, version),
    FOREIGN KEY (area_code, as_at, version) REFERENCES publication (area_code, as_at, version)
) WITHOUT ROWID;

-- A plan edition on its way.
CREATE TABLE plan_proposal (
    number INTEGER NOT NULL PRIMARY KEY CHECK (number > 0),
    sha256 TEXT NOT NULL,
    -- The edition that it was compared with.
    against INTEGER,
    note TEXT NOT NULL,
    proposed_by INTEGER NOT NULL,
    proposed_at TIMESTAMP NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('proposed', 'approved', 'withdrawn')),
    decided_by INTEGER,
    decided_at TIMESTAMP,
    edition INTEGER REFERENCES plan_edition (number),
    CHECK ((state = 'proposed') = (decided_at IS NULL)),
    CHECK ((state = 'approved') = (edition IS NOT NULL)),
    CHECK (state <> 'approved' OR decided_by <> proposed_by)
);

CREATE TABLE plan_proposal_file (
    proposal INTEGER NOT NULL REFERENCES plan_proposal (number),
    name TEXT NOT NULL,
    encoding TEXT NOT NULL CHECK (encoding IN ('plain', 'zlib')),
    content BLOB NOT NULL,
    PRIMARY KEY (proposal, name)
);

-- The answer that a request of the interface was given, for when it comes again.
CREATE TABLE idempotency_key (
    person INTEGER NOT NULL,
    given_key TEXT NOT NULL,
    -- Of the method, the path and the body.
    request_sha256 TEXT NOT NULL,
    -- Empty while the first is under way.
    status INTEGER,
    content_type TEXT NOT NULL,
    location TEXT NOT NULL,
    body BLOB NOT NULL,
    made_at TIMESTAMP NOT NULL,
    PRIMARY KEY (person, given_key)
);

-- Who did what, and when: each entry holds the hash of the one before, so that none can be changed,
-- left out or put in between without every later one telling.
CREATE TABLE audit_entry (
    number BIGINT NOT NULL PRIMARY KEY CHECK (number > 0),
    at TIMESTAMP NOT NULL,
    -- No foreign key: the record outlives whom it speaks of. Empty where nobody had signed in.
    person INTEGER,
    person_name TEXT NOT NULL,
    -- Such as 'return accepted'.
    deed TEXT NOT NULL,
    -- Empty where no one area is meant.
    area_code TEXT NOT NULL,
    -- What it was done to, such as 'return 12'.
    subject TEXT NOT NULL,
    -- In words; no secrets.
    detail TEXT NOT NULL,
    request_id TEXT NOT NULL,
    previous_sha256 TEXT NOT NULL,
    sha256 TEXT NOT NULL
);
CREATE INDEX audit_entry_by_subject ON audit_entry (area_code, subject);

CREATE TRIGGER audit_entry_is_never_changed BEFORE UPDATE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'the audit record is only added to'); END;
CREATE TRIGGER audit_entry_is_never_removed BEFORE DELETE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'the audit record is only added to'); END;
