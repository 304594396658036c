-- What is open or wanted is found without reading what is over.

-- The slot that has been due longest, of all areas and of one.
DROP INDEX job_slot_open;
CREATE INDEX job_slot_due ON job_slot (due_at, number) WHERE ended_at IS NULL;
CREATE INDEX job_slot_due_in_area ON job_slot (area_code, due_at, number) WHERE ended_at IS NULL;

-- Whether somebody was told of a kind of thing lately.
CREATE INDEX message_to_person ON message (person, kind, made_at);
