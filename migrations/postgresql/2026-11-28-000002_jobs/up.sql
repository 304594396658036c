-- The service's own work, each piece of it once, and the messages that it sends.
--
-- Times are UTC. A job of the whole service has no area.

-- Up to when the slots of a job have been made.
CREATE TABLE job_planned (
    job TEXT COLLATE "C" NOT NULL,
    area_code TEXT COLLATE "C" NOT NULL,
    planned_to TIMESTAMP NOT NULL,
    -- By which schedule, in words; empty where there is none.
    schedule TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (job, area_code)
);

-- A time at which a job is due, and what became of it. There is one row a time, whoever makes it.
CREATE TABLE job_slot (
    number BIGINT NOT NULL PRIMARY KEY CHECK (number > 0),
    job TEXT COLLATE "C" NOT NULL,
    area_code TEXT COLLATE "C" NOT NULL,
    due_at TIMESTAMP NOT NULL,
    -- What made it: the schedule, something that happened, or a person.
    origin TEXT COLLATE "C" NOT NULL CHECK (origin IN ('schedule', 'event', 'person')),
    -- 'skipped': missed, and the job's policy leaves missed ones out.
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'skipped')),
    -- Nobody takes it before: a waiting one is tried then, a running one may be taken over then, when
    -- whoever runs it has not been heard of.
    free_from TIMESTAMP NOT NULL,
    -- Grows each time that somebody takes it: whoever holds an older one ends nothing.
    term BIGINT NOT NULL CHECK (term >= 0),
    -- How often it has gone wrong since it was last asked for.
    tries INTEGER NOT NULL CHECK (tries >= 0),
    ended_at TIMESTAMP,
    -- 'changed' or 'no change' where it is done.
    outcome TEXT COLLATE "C" NOT NULL CHECK (outcome IN ('', 'changed', 'no change')),
    -- In words: what it did, what went wrong last, or why it was skipped.
    told TEXT COLLATE "C" NOT NULL,
    UNIQUE (job, area_code, due_at),
    CHECK ((state IN ('done', 'failed', 'skipped')) = (ended_at IS NOT NULL)),
    CHECK ((state = 'done') = (outcome <> ''))
);
CREATE INDEX job_slot_open ON job_slot (free_from) WHERE state IN ('waiting', 'running');
CREATE INDEX job_slot_by_state ON job_slot (state, ended_at);

-- Each time that somebody took a slot.
CREATE TABLE job_run (
    slot BIGINT NOT NULL REFERENCES job_slot (number),
    term BIGINT NOT NULL CHECK (term > 0),
    -- Which running program, in words.
    instance TEXT COLLATE "C" NOT NULL,
    started_at TIMESTAMP NOT NULL,
    -- None while it runs, and for ever where the program was killed.
    ended_at TIMESTAMP,
    -- Empty where it went well.
    fault TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (slot, term)
);

-- What a month's figures were worked out from, each time that this was something new.
CREATE TABLE computation (
    area_code TEXT COLLATE "C" NOT NULL,
    as_at INTEGER NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    -- Of everything that the figures depend on.
    inputs_sha256 TEXT COLLATE "C" NOT NULL,
    -- Of the figures.
    positions_sha256 TEXT COLLATE "C" NOT NULL,
    slot BIGINT NOT NULL REFERENCES job_slot (number),
    computed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (area_code, as_at, number)
);

-- A message to a person. It is written with what it announces, and sent from here.
CREATE TABLE message (
    number BIGINT NOT NULL PRIMARY KEY CHECK (number > 0),
    -- Such as 'pack released'.
    kind TEXT COLLATE "C" NOT NULL,
    area_code TEXT COLLATE "C" NOT NULL,
    -- What it announces, such as '2015-11, version 2': nobody is told of one thing twice.
    subject TEXT COLLATE "C" NOT NULL,
    person INTEGER NOT NULL,
    -- What mail programs know it by, however often it is sent; the part after @ is set when it is first
    -- taken to be sent.
    message_id TEXT COLLATE "C" NOT NULL UNIQUE,
    title TEXT COLLATE "C" NOT NULL,
    -- Plain text; emptied once it is sent where it holds a link that opens something.
    body TEXT COLLATE "C" NOT NULL,
    made_at TIMESTAMP NOT NULL,
    -- 'refused': by the recipient's server, for good. 'returned': it came back later. 'withheld': the
    -- person was not to have it any more, or it was no news any more. 'failed': it could not be handed
    -- over, however often tried.
    state TEXT COLLATE "C" NOT NULL CHECK (state IN (
        'waiting', 'sending', 'sent', 'refused', 'returned', 'withheld', 'failed'
    )),
    -- As in job_slot.
    free_from TIMESTAMP NOT NULL,
    -- As in job_slot: it is taken to be sent eight times at most, counted from the last term that divides
    -- by eight; whoever asks for it to be sent again raises it to the next.
    term BIGINT NOT NULL CHECK (term >= 0),
    -- The address that it was sent to, when, and the SHA-256 of all that was sent.
    sent_to TEXT COLLATE "C" NOT NULL,
    sent_at TIMESTAMP,
    sha256 TEXT COLLATE "C" NOT NULL,
    -- What the server answered, or what went wrong last.
    told TEXT COLLATE "C" NOT NULL,
    UNIQUE (kind, area_code, subject, person),
    CHECK (state NOT IN ('sent', 'returned') OR (sent_at IS NOT NULL AND sha256 <> ''))
);
CREATE INDEX message_open ON message (free_from) WHERE state IN ('waiting', 'sending');
