-- What was agreed, what was sent and what was published. Facts are added, never changed; figures are
-- worked out from them and are not kept.
--
-- Everywhere: an area's nine-character geography code leads the key of every table that holds its
-- data, so that such tables can be spread over several servers by area. Times are UTC. Months are
-- numbered from January of the year 0 (year * 12 + month - 1). Money is whole pence. SHA-256 is in
-- lower-case hexadecimal.
--
-- Text in a key compares by its bytes (collation "C"): codes are not words of any language, and their
-- order must be the same on every server.

-- The editions of the plan. The one with the highest number is current.
CREATE TABLE plan_edition (
    number INTEGER NOT NULL PRIMARY KEY,
    -- Of the names and contents of all its files, in the order of their names.
    sha256 TEXT NOT NULL,
    loaded_at TIMESTAMP NOT NULL
);

-- The files of each edition, whole, as they were sent.
CREATE TABLE plan_file (
    edition INTEGER NOT NULL REFERENCES plan_edition (number),
    name TEXT COLLATE "C" NOT NULL,
    sha256 TEXT NOT NULL,
    -- Length as sent.
    byte_count BIGINT NOT NULL,
    -- How content is kept: 'plain' or 'zlib'.
    encoding TEXT NOT NULL CHECK (encoding IN ('plain', 'zlib')),
    content BYTEA NOT NULL,
    PRIMARY KEY (edition, name)
);

-- One file that one area's partners sent. The same bytes are the same submission, but where the plan
-- has since come to accept rows of theirs that were turned away: then a second one replaces the first.
CREATE TABLE submission (
    area_code TEXT COLLATE "C" NOT NULL,
    -- From 1 in each area, in the order of arrival.
    number INTEGER NOT NULL CHECK (number > 0),
    return_type TEXT COLLATE "C" NOT NULL CHECK (return_type IN ('capitation', 'finance', 'measures', 'targets')),
    file_name TEXT NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    -- Length of the file as sent.
    byte_count BIGINT NOT NULL,
    received_at TIMESTAMP NOT NULL,
    -- Who sent it, where that is known.
    sent_by TEXT,
    -- 'whole': one bad row refuses the file. 'tolerant': good rows are taken, bad rows are listed.
    intake TEXT NOT NULL CHECK (intake IN ('whole', 'tolerant')),
    -- The area's earlier submission that this one retires altogether.
    replaces INTEGER,
    -- Rows below the heading, and how many of them became facts.
    row_count INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    PRIMARY KEY (area_code, number),
    FOREIGN KEY (area_code, replaces) REFERENCES submission (area_code, number),
    CHECK (replaces < number)
);

-- The file of each submission, byte for byte.
CREATE TABLE submission_file (
    area_code TEXT COLLATE "C" NOT NULL,
    submission INTEGER NOT NULL,
    -- How content is kept: 'plain' or 'zlib'.
    encoding TEXT NOT NULL CHECK (encoding IN ('plain', 'zlib')),
    content BYTEA NOT NULL,
    PRIMARY KEY (area_code, submission),
    FOREIGN KEY (area_code, submission) REFERENCES submission (area_code, number)
);

-- What was wrong, or doubtful, in the rows of a submission.
CREATE TABLE row_fault (
    area_code TEXT COLLATE "C" NOT NULL,
    submission INTEGER NOT NULL,
    -- From 1 in each submission, in the order in which the faults were found.
    number INTEGER NOT NULL,
    -- As a spreadsheet numbers it: the heading is row 1.
    row INTEGER NOT NULL,
    -- The rule that the row fails, such as 'MONEY'.
    code TEXT NOT NULL,
    -- 'reject': the row was turned away. 'warning': it was taken.
    severity TEXT NOT NULL CHECK (severity IN ('reject', 'warning')),
    -- The column from 0, where one cell is meant.
    column_index INTEGER,
    heading TEXT NOT NULL,
    found TEXT NOT NULL,
    remedy TEXT NOT NULL,
    PRIMARY KEY (area_code, submission, number),
    FOREIGN KEY (area_code, submission) REFERENCES submission (area_code, number)
);

-- How many rows of a submission were turned away, or doubted, by each rule.
CREATE TABLE intake_count (
    area_code TEXT COLLATE "C" NOT NULL,
    submission INTEGER NOT NULL,
    severity TEXT COLLATE "C" NOT NULL CHECK (severity IN ('reject', 'warning')),
    code TEXT COLLATE "C" NOT NULL,
    row_count INTEGER NOT NULL,
    PRIMARY KEY (area_code, submission, severity, code),
    FOREIGN KEY (area_code, submission) REFERENCES submission (area_code, number)
);

-- The four tables of facts: a row for each row of a file that was taken, under the ids that the file
-- used. They have no foreign key to their submission: it is written in the same transaction, and a
-- check of every row would double the time of taking a return in. An integrity check looks instead.

-- One month of one measure.
CREATE TABLE measure_fact (
    area_code TEXT COLLATE "C" NOT NULL,
    submission INTEGER NOT NULL,
    row INTEGER NOT NULL,
    measure_id TEXT NOT NULL,
    month INTEGER NOT NULL,
    -- The partner that reported it.
    partner_id TEXT NOT NULL,
    -- In hundredths.
    numerator BIGINT NOT NULL,
    -- In hundredths; only for measures that need one.
    denominator BIGINT,
    PRIMARY KEY (area_code, submission, row)
);

-- What a measure was meant to reach.
CREATE TABLE target_fact (
    area_code TEXT COLLATE "C" NOT NULL,
    submission INTEGER NOT NULL,
    row INTEGER NOT NULL,
    measure_id TEXT NOT NULL,
    -- A month '2015-04', a quarter '2015-16-Q1' or a year '2015-16'.
    period TEXT NOT NULL,
    -- 'number', 'to be confirmed' or 'not set'.
    state TEXT NOT NULL CHECK (state IN ('number', 'to be confirmed', 'not set')),
    -- In ten-thousandths; only where the state is 'number'.
    target BIGINT,
    PRIMARY KEY (area_code, submission, row),
    CHECK ((state = 'number') = (target IS NOT NULL))
);

-- One month of one partner's part of a scheme.
CREATE TABLE finance_line (
    area_code TEXT COLLATE "C" NOT NULL,
    submission INTEGER NOT NULL,
    row INTEGER NOT NULL,
    month INTEGER NOT NULL,
    scheme_id TEXT NOT NULL,
    partner_id TEXT NOT NULL,
    budget BIGINT NOT NULL,
    -- Empty where the partner gave no actual.
    actual BIGINT,
    forecast BIGINT NOT NULL,
    PRIMARY KEY (area_code, submission, row)
);

-- One month of one segment at one practice.
CREATE TABLE capitation_line (
    area_code TEXT COLLATE "C" NOT NULL,
    submission INTEGER NOT NULL,
    row INTEGER NOT NULL,
    month INTEGER NOT NULL,
    segment_id TEXT NOT NULL,
    practice_code TEXT NOT NULL,
    members BIGINT NOT NULL,
    cost BIGINT NOT NULL,
    PRIMARY KEY (area_code, submission, row)
);

-- A pack as published: versions of one area's pack for one month.
CREATE TABLE publication (
    area_code TEXT COLLATE "C" NOT NULL,
    -- The month that the pack reports on.
    as_at INTEGER NOT NULL,
    -- From 1 for each area and month.
    version INTEGER NOT NULL CHECK (version > 0),
    -- Of the pack's manifest, which names the SHA-256 of everything else.
    manifest_sha256 TEXT NOT NULL,
    plan_sha256 TEXT NOT NULL,
    published_at TIMESTAMP NOT NULL,
    PRIMARY KEY (area_code, as_at, version)
);

-- The files of each published pack, whole.
CREATE TABLE publication_file (
    area_code TEXT COLLATE "C" NOT NULL,
    as_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    -- Within the pack, such as 'data/scorecard.csv'.
    path TEXT COLLATE "C" NOT NULL,
    sha256 TEXT NOT NULL,
    -- Length as published.
    byte_count BIGINT NOT NULL,
    -- How content is kept: 'plain' or 'zlib'.
    encoding TEXT NOT NULL CHECK (encoding IN ('plain', 'zlib')),
    content BYTEA NOT NULL,
    PRIMARY KEY (area_code, as_at, version, path),
    FOREIGN KEY (area_code, as_at, version) REFERENCES publication (area_code, as_at, version)
);
