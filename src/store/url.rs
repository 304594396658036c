//! Where the store is: `sqlite:PATH` or `postgres://…`.

use std::{
    fmt,
    path::{Path, PathBuf},
};

/// The address of a database. It prints without its password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file; it is made when it is not there.
    Sqlite(PathBuf),
    /// A server's address, as libpq understands it.
    Postgresql(String),
}

/// An address that is of neither form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a database is named sqlite:PATH or postgres://USER@HOST/NAME")]
pub struct DatabaseUrlError;

impl DatabaseUrl {
    /// Reads `sqlite:PATH` (also `sqlite://PATH`), `postgres://…` or `postgresql://…`.
    pub fn parse(text: &str) -> Result<DatabaseUrl, DatabaseUrlError> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            let named =
                !path.is_empty() && !path.ends_with('/') && !path.contains('\0') && path != ":memory:";
            return if named { Ok(DatabaseUrl::Sqlite(path.into())) } else { Err(DatabaseUrlError) };
        }
        let server = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"));
        match server {
            Some(rest) if !rest.is_empty() && !rest.contains('\0') => {
                Ok(DatabaseUrl::Postgresql(text.to_owned()))
            }
            Some(_) | None => Err(DatabaseUrlError),
        }
    }
}

impl DatabaseUrl {
    /// Whether the address holds a password.
    pub fn has_password(&self) -> bool {
        match self {
            DatabaseUrl::Sqlite(_) => false,
            DatabaseUrl::Postgresql(address) => {
                let parameters = address.split_once('?').map_or("", |(_, parameters)| parameters);
                without_password(address).len() < address.trim_end_matches(['?', '&']).len()
                    || parameters.to_ascii_lowercase().contains("password=")
            }
        }
    }

    /// Where the database's file is, where it is a file.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            DatabaseUrl::Sqlite(path) => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                Some(folder.unwrap_or(Path::new(".")))
            }
            DatabaseUrl::Postgresql(_) => None,
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DatabaseUrl::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            DatabaseUrl::Postgresql(address) => f.write_str(&without_password(address)),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

/// The address without the password, be it before the host or among the parameters.
fn without_password(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").unwrap_or(("postgres", address));
    let (place, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    // A password may hold an unescaped `@` or `/`: the host starts after the last `@`.
    let place = match place.rsplit_once('@') {
        Some((who, host)) => format!("{}@{host}", who.split_once(':').map_or(who, |(user, _)| user)),
        None => place.to_owned(),
    };
    let secret = |parameter: &&str| {
        let key = parameter.split('=').next().unwrap_or_default().to_ascii_lowercase();
        key.contains("password") || key.contains('%')
    };
    let kept: Vec<&str> =
        parameters.split('&').filter(|parameter| !parameter.is_empty() && !secret(parameter)).collect();
    let mark = if kept.is_empty() { "" } else { "?" };
    format!("{scheme}://{place}{mark}{}", kept.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_a_file_or_a_server() {
        let file = |path: &str| Ok(DatabaseUrl::Sqlite(path.into()));
        assert_eq!(DatabaseUrl::parse("sqlite:outturn.db"), file("outturn.db"));
        assert_eq!(DatabaseUrl::parse("sqlite:/var/lib/outturn.db"), file("/var/lib/outturn.db"));
        assert_eq!(DatabaseUrl::parse("sqlite:///var/lib/outturn.db"), file("/var/lib/outturn.db"));
        assert!(matches!(DatabaseUrl::parse("postgresql://host/outturn"), Ok(DatabaseUrl::Postgresql(_))));
        for text in [
            "",
            "sqlite:",
            "sqlite:folder/",
            "sqlite::memory:",
            "mysql://host/x",
            "outturn.db",
            "postgres://",
        ] {
            assert_eq!(DatabaseUrl::parse(text), Err(DatabaseUrlError), "{text}");
        }
    }

    #[test]
    fn an_address_prints_without_its_password() {
        for (address, shown) in [
            ("postgres://ann:se:cr@et@host:5432/outturn", "postgres://ann@host:5432/outturn"),
            ("postgres://ann@host/outturn?sslmode=require", "postgres://ann@host/outturn?sslmode=require"),
            ("postgres://host/o?user=ann&password=secret", "postgres://host/o?user=ann"),
            ("postgres://host/o?p%61ssword=secret&sslpassword=secret", "postgres://host/o"),
        ] {
            let url = DatabaseUrl::parse(address).unwrap();
            assert_eq!(url.to_string(), shown);
            assert_eq!(format!("{url:?}"), format!("DatabaseUrl({shown})"));
            assert_eq!(url.has_password(), address != shown);
        }
    }
}
