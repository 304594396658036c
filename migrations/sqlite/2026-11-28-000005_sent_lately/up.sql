-- What somebody has sent within a day is found without reading what all others ever sent.
CREATE INDEX sent_return_by_sender ON sent_return (sent_by, sent_at);
