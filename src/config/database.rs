//! The setting that names the database.

use super::{Secret, Setting, shown};

pub(super) const URL: Setting = Setting {
    name: "database_url",
    default: "sqlite:outturn.db",
    meaning: "`sqlite:PATH` or `postgres://USER@HOST/NAME`",
    is_secret: true,
    set: |to, text| {
        if !["sqlite:", "postgres://", "postgresql://"].iter().any(|start| text.starts_with(start)) {
            return Err("write sqlite:PATH or postgres://USER@HOST/NAME".into());
        }
        to.database_url = Secret::new(text);
        Ok(())
    },
    // Only a server's address may hold a password.
    show: |from| match from.database_url.reveal() {
        file if file.starts_with("sqlite:") => file.to_owned(),
        _ => shown(&from.database_url),
    },
};
