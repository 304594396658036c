-- A draft that another took the place of, or that was thrown away: it is gone, and counts for a day all the
-- same, so that nobody writes without bound by keeping one after the other.
CREATE TABLE return_draft_gone (
    person INTEGER NOT NULL REFERENCES person (id),
    number INTEGER NOT NULL CHECK (number > 0),
    kept_at TIMESTAMP NOT NULL,
    -- Length as sent.
    byte_count BIGINT NOT NULL,
    PRIMARY KEY (person, number)
);

-- The areas whose rows a proposal changes, so that whoever may see it is known without reading its files. A
-- proposal that was made before this table was there has none, and is seen by administrators alone.
CREATE TABLE plan_proposal_area (
    proposal INTEGER NOT NULL REFERENCES plan_proposal (number),
    -- Empty for rows that speak of all areas.
    area_code TEXT NOT NULL,
    PRIMARY KEY (proposal, area_code)
);
