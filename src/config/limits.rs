//! How much the service takes: connections, files, requests.

use super::{Setting, number};

pub(super) const CONNECTIONS: Setting = Setting {
    name: "connections",
    default: "4096",
    meaning: "open connections at a time; where more come, the address with the most of them loses the one that has been waited for longest",
    is_secret: false,
    set: |to, text| number(text, 16, 1 << 20).map(|most| to.connections = most),
    show: |from| from.connections.to_string(),
};

pub(super) const CONNECTIONS_PER_ADDRESS: Setting = Setting {
    name: "connections_per_address",
    default: "64",
    meaning: "open connections from one address (IPv6: one /64); trusted proxies may have any number",
    is_secret: false,
    set: |to, text| number(text, 1, 1 << 20).map(|most| to.connections_per_address = most),
    show: |from| from.connections_per_address.to_string(),
};

pub(super) const UPLOADS_AT_ONCE: Setting = Setting {
    name: "uploads_at_once",
    default: "4",
    meaning: "files that may be on their way in at a time; further ones wait",
    is_secret: false,
    set: |to, text| number(text, 1, 64).map(|most| to.uploads_at_once = most),
    show: |from| from.uploads_at_once.to_string(),
};

pub(super) const FILES_A_DAY: Setting = Setting {
    name: "files_a_day",
    default: "2000",
    meaning: "returns, drafts of returns and plans that one person, or their systems, may send within 24 hours, at all instances together",
    is_secret: false,
    set: |to, text| number(text, 1, 1 << 30).map(|most| to.files_a_day = most as u32),
    show: |from| from.files_a_day.to_string(),
};

pub(super) const FILE_BYTES_A_DAY: Setting = Setting {
    name: "file_bytes_a_day",
    default: "2000000000",
    meaning: "how many bytes these may have in all; a plan counts as it is kept, compressed",
    is_secret: false,
    set: |to, text| number(text, 1, 1 << 40).map(|most| to.file_bytes_a_day = most as u64),
    show: |from| from.file_bytes_a_day.to_string(),
};

pub(super) const TOKEN_REQUESTS_A_MINUTE: Setting = Setting {
    name: "token_requests_a_minute",
    default: "600",
    meaning: "requests that a system may make with a token in a minute, counted at each instance",
    is_secret: false,
    set: |to, text| number(text, 1, 1 << 30).map(|most| to.token_requests_a_minute = most as u32),
    show: |from| from.token_requests_a_minute.to_string(),
};
