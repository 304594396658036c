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
    email TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    -- 'invited': has a link and no password yet. 'disabled': may not sign in.
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('invited', 'active', 'disabled')),
    -- In the PHC form of argon2id.
    password_hash TEXT COLLATE "C",
    -- Base32; kept as it is, for the service must work the codes out itself.
    totp_secret TEXT COLLATE "C",
    -- A secret that was shown and waits for its first code.
    totp_proposed TEXT COLLATE "C",
    -- The last period whose code was used, so that none is used twice.
    totp_last_step BIGINT,
    -- The provider of identities and its name for the person, for single sign-on.
    oidc_issuer TEXT COLLATE "C",
    oidc_subject TEXT COLLATE "C",
    created_at TIMESTAMP NOT NULL,
    UNIQUE (oidc_issuer, oidc_subject),
    CHECK ((oidc_issuer IS NULL) = (oidc_subject IS NULL))
);

-- What a person may be: one row a role, area and, for a partner's own people, partner.
CREATE TABLE role_held (
    person INTEGER NOT NULL REFERENCES person (id),
    role TEXT COLLATE "C" NOT NULL CHECK (role IN (
        'partner officer', 'partner approver', 'pooled budget manager', 'board member', 'alliance member',
        'auditor', 'administrator'
    )),
    -- Empty for every area.
    area_code TEXT COLLATE "C" NOT NULL,
    -- Empty but for a partner's own people.
    partner_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (person, role, area_code, partner_id),
    CHECK ((role IN ('partner officer', 'partner approver')) = (partner_id <> ''))
);

-- A link that works once: to set a first password, or a new one. The first administrator's names nobody yet.
CREATE TABLE one_time_link (
    token_sha256 TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    person INTEGER REFERENCES person (id),
    purpose TEXT COLLATE "C" NOT NULL CHECK (purpose IN ('invitation', 'recovery', 'first administrator')),
    made_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP,
    CHECK ((purpose = 'first administrator') = (person IS NULL))
);

-- Codes for whoever has lost the second factor.
CREATE TABLE recovery_code (
    person INTEGER NOT NULL REFERENCES person (id),
    code_sha256 TEXT COLLATE "C" NOT NULL,
    used_at TIMESTAMP,
    PRIMARY KEY (person, code_sha256)
);

CREATE TABLE login_session (
    token_sha256 TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    -- What lists and links call it; from 1 for each person.
    number INTEGER NOT NULL,
    person INTEGER NOT NULL REFERENCES person (id),
    started_at TIMESTAMP NOT NULL,
    last_seen_at TIMESTAMP NOT NULL,
    -- When the person last showed who they are, for what asks for it again.
    confirmed_at TIMESTAMP NOT NULL,
    -- How they signed in: 'password', 'password and code', 'single sign-on', 'example'.
    way TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    browser TEXT COLLATE "C" NOT NULL,
    ended_at TIMESTAMP,
    UNIQUE (person, number)
);

-- A browser whose person gave the right password and still owes the code: it opens nothing.
CREATE TABLE half_sign_in (
    token_sha256 TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    person INTEGER NOT NULL REFERENCES person (id),
    started_at TIMESTAMP NOT NULL
);

-- Attempts to sign in, for as long as they count against the next one.
CREATE TABLE sign_in_attempt (
    number INTEGER NOT NULL PRIMARY KEY,
    -- SHA-256 of the address in lower case, whether there is such a person or not.
    email_sha256 TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    at TIMESTAMP NOT NULL,
    succeeded BOOLEAN NOT NULL
);
CREATE INDEX sign_in_attempt_by_email ON sign_in_attempt (email_sha256, at);
CREATE INDEX sign_in_attempt_by_address ON sign_in_attempt (address, at);

-- A partner's system acts for a person by one of these.
CREATE TABLE api_token (
    number INTEGER NOT NULL PRIMARY KEY,
    token_sha256 TEXT COLLATE "C" NOT NULL UNIQUE,
    person INTEGER NOT NULL REFERENCES person (id),
    name TEXT COLLATE "C" NOT NULL,
    made_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    last_used_at TIMESTAMP,
    revoked_at TIMESTAMP
);

-- A return on its way: sent by one person, accepted or sent back by another. Once accepted it is a
-- submission too, with the same file.
CREATE TABLE sent_return (
    area_code TEXT COLLATE "C" NOT NULL,
    -- From 1 in each area.
    number INTEGER NOT NULL CHECK (number > 0),
    return_type TEXT COLLATE "C" NOT NULL CHECK (return_type IN ('capitation', 'finance', 'measures', 'targets')),
    -- The month that it is sent for.
    as_at INTEGER NOT NULL,
    -- The partner whose people sent it; empty where the pooled budget manager did.
    partner_id TEXT COLLATE "C" NOT NULL,
    file_name TEXT COLLATE "C" NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    -- How it came.
    way TEXT COLLATE "C" NOT NULL CHECK (way IN ('file', 'form', 'interface')),
    row_count INTEGER NOT NULL,
    query_count INTEGER NOT NULL,
    -- What the sender says about the queries; empty where there are none.
    comment TEXT COLLATE "C" NOT NULL,
    sent_by INTEGER NOT NULL,
    sent_at TIMESTAMP NOT NULL,
    PRIMARY KEY (area_code, number)
);

-- What became of a sent return; until there is a row, it waits for somebody to look at it. One row a
-- return: of two who decide at once, one is first.
CREATE TABLE return_decision (
    area_code TEXT COLLATE "C" NOT NULL,
    number INTEGER NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL CHECK (outcome IN ('accepted', 'sent back', 'withdrawn')),
    -- As in sent_return: nobody accepts what they sent themselves.
    sent_by INTEGER NOT NULL,
    decided_by INTEGER NOT NULL,
    decided_at TIMESTAMP NOT NULL,
    -- Why it was sent back.
    reason TEXT COLLATE "C" NOT NULL,
    -- What it became.
    submission INTEGER,
    PRIMARY KEY (area_code, number),
    FOREIGN KEY (area_code, number) REFERENCES sent_return (area_code, number),
    FOREIGN KEY (area_code, submission) REFERENCES submission (area_code, number),
    CHECK ((outcome = 'accepted') = (submission IS NOT NULL)),
    CHECK (outcome <> 'accepted' OR decided_by <> sent_by),
    CHECK (outcome <> 'sent back' OR reason <> '')
);

CREATE TABLE sent_return_file (
    area_code TEXT COLLATE "C" NOT NULL,
    number INTEGER NOT NULL,
    -- Length as sent.
    byte_count BIGINT NOT NULL,
    encoding TEXT COLLATE "C" NOT NULL CHECK (encoding IN ('plain', 'zlib')),
    content BYTEA NOT NULL,
    PRIMARY KEY (area_code, number),
    FOREIGN KEY (area_code, number) REFERENCES sent_return (area_code, number)
);

-- A return that was checked and is not sent yet: it waits for what its sender says about its queries. It
-- is the sender's alone, and gone once it is sent.
CREATE TABLE return_draft (
    area_code TEXT COLLATE "C" NOT NULL,
    as_at INTEGER NOT NULL,
    person INTEGER NOT NULL REFERENCES person (id),
    return_type TEXT COLLATE "C" NOT NULL CHECK (return_type IN ('capitation', 'finance', 'measures', 'targets')),
    -- As in sent_return.
    partner_id TEXT COLLATE "C" NOT NULL,
    file_name TEXT COLLATE "C" NOT NULL,
    way TEXT COLLATE "C" NOT NULL CHECK (way IN ('file', 'form', 'interface')),
    kept_at TIMESTAMP NOT NULL,
    -- Length as sent.
    byte_count BIGINT NOT NULL,
    encoding TEXT COLLATE "C" NOT NULL CHECK (encoding IN ('plain', 'zlib')),
    content BYTEA NOT NULL,
    PRIMARY KEY (area_code, as_at, person, return_type, partner_id)
);

-- A month that takes no more returns.
CREATE TABLE month_lock (
    area_code TEXT COLLATE "C" NOT NULL,
    as_at INTEGER NOT NULL,
    -- 'concluded': the manager ended data entry. 'approved': the pack of the month was approved.
    why TEXT COLLATE "C" NOT NULL CHECK (why IN ('concluded', 'approved')),
    locked_by INTEGER NOT NULL,
    locked_at TIMESTAMP NOT NULL,
    PRIMARY KEY (area_code, as_at)
);

-- What an owner says of an exception: why, what is being done, by when. A changed one is a new row.
CREATE TABLE commentary (
    area_code TEXT COLLATE "C" NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    as_at INTEGER NOT NULL,
    -- A measure 'measure/NEA', a scheme 'scheme/S01', or 'summary'.
    subject TEXT COLLATE "C" NOT NULL,
    cause TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    action_by DATE,
    owner TEXT COLLATE "C" NOT NULL,
    written_by INTEGER NOT NULL,
    written_at TIMESTAMP NOT NULL,
    -- The earlier one that it takes the place of.
    replaces INTEGER,
    -- Set where it ends the matter.
    closes BOOLEAN NOT NULL,
    PRIMARY KEY (area_code, number),
    FOREIGN KEY (area_code, replaces) REFERENCES commentary (area_code, number)
);

-- A pack on its way to be published: prepared by one person, approved by another who saw the same hash.
CREATE TABLE pack_draft (
    area_code TEXT COLLATE "C" NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    as_at INTEGER NOT NULL,
    manifest_sha256 TEXT COLLATE "C" NOT NULL,
    edition TEXT COLLATE "C" NOT NULL CHECK (edition IN ('restricted', 'public')),
    release_at TIMESTAMP NOT NULL,
    -- Why it goes out although something is missing; empty where nothing is.
    override_reason TEXT COLLATE "C" NOT NULL,
    prepared_by INTEGER NOT NULL,
    prepared_at TIMESTAMP NOT NULL,
    -- 'void': what it was made from had changed when somebody was about to approve it.
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('prepared', 'approved', 'withdrawn', 'void')),
    decided_by INTEGER,
    decided_at TIMESTAMP,
    reason TEXT COLLATE "C" NOT NULL,
    -- The version that it was published as.
    version INTEGER,
    PRIMARY KEY (area_code, number),
    FOREIGN KEY (area_code, as_at, version) REFERENCES publication (area_code, as_at, version),
    CHECK ((state = 'prepared') = (decided_at IS NULL)),
    CHECK ((state = 'approved') = (version IS NOT NULL)),
    CHECK (state <> 'approved' OR decided_by <> prepared_by)
);

-- When and to whom a published version is readable. A version without a row is readable by the area's
-- people since it was published.
CREATE TABLE release (
    area_code TEXT COLLATE "C" NOT NULL,
    as_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    release_at TIMESTAMP NOT NULL,
    edition TEXT COLLATE "C" NOT NULL CHECK (edition IN ('restricted', 'public')),
    PRIMARY KEY (area_code, as_at, version),
    FOREIGN KEY (area_code, as_at, version) REFERENCES publication (area_code, as_at, version)
);

-- A plan edition on its way.
CREATE TABLE plan_proposal (
    number INTEGER NOT NULL PRIMARY KEY CHECK (number > 0),
    sha256 TEXT COLLATE "C" NOT NULL,
    -- The edition that it was compared with.
    against INTEGER,
    note TEXT COLLATE "C" NOT NULL,
    proposed_by INTEGER NOT NULL,
    proposed_at TIMESTAMP NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('proposed', 'approved', 'withdrawn')),
    decided_by INTEGER,
    decided_at TIMESTAMP,
    edition INTEGER REFERENCES plan_edition (number),
    CHECK ((state = 'proposed') = (decided_at IS NULL)),
    CHECK ((state = 'approved') = (edition IS NOT NULL)),
    CHECK (state <> 'approved' OR decided_by <> proposed_by)
);

CREATE TABLE plan_proposal_file (
    proposal INTEGER NOT NULL REFERENCES plan_proposal (number),
    name TEXT COLLATE "C" NOT NULL,
    encoding TEXT COLLATE "C" NOT NULL CHECK (encoding IN ('plain', 'zlib')),
    content BYTEA NOT NULL,
    PRIMARY KEY (proposal, name)
);

-- The answer that a request of the interface was given, for when it comes again.
CREATE TABLE idempotency_key (
    person INTEGER NOT NULL,
    given_key TEXT COLLATE "C" NOT NULL,
    -- Of the method, the path and the body.
    request_sha256 TEXT COLLATE "C" NOT NULL,
    -- Empty while the first is under way.
    status INTEGER,
    content_type TEXT COLLATE "C" NOT NULL,
    location TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL,
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
    person_name TEXT COLLATE "C" NOT NULL,
    -- Such as 'return accepted'.
    deed TEXT COLLATE "C" NOT NULL,
    -- Empty where no one area is meant.
    area_code TEXT COLLATE "C" NOT NULL,
    -- What it was done to, such as 'return 12'.
    subject TEXT COLLATE "C" NOT NULL,
    -- In words; no secrets.
    detail TEXT COLLATE "C" NOT NULL,
    request_id TEXT COLLATE "C" NOT NULL,
    previous_sha256 TEXT COLLATE "C" NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL
);
CREATE INDEX audit_entry_by_subject ON audit_entry (area_code, subject);

CREATE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit record is only added to'; END $$;
CREATE TRIGGER audit_entry_is_never_changed BEFORE UPDATE OR DELETE ON audit_entry
FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse();
CREATE TRIGGER audit_entry_is_never_emptied BEFORE TRUNCATE ON audit_entry
FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse();
