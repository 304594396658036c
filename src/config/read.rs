//! Reading the settings from where they may stand.

use super::{SETTINGS, Setting, Settings};
use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};
use toml::de::{DeTable, DeValue};

/// Where settings are looked for.
pub struct Sources<'a> {
    /// The settings' file, where one was named.
    pub file: Option<&'a Path>,
    /// The environment's variables by name.
    pub environment: &'a dyn Fn(&str) -> Option<OsString>,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{} cannot be read: {error}", path.display())]
    Unreadable { path: PathBuf, error: std::io::Error },
    #[error("{}, line {line}: {message}", path.display())]
    NotToml { path: PathBuf, line: usize, message: String },
    #[error("{}, line {line}: there is no setting {name}. {advice}", path.display())]
    Unknown { path: PathBuf, line: usize, name: String, advice: String },
    #[error("{place}: {name}: {message}")]
    Wrong { place: String, name: String, message: String },
}

impl Settings {
    /// Every setting as a line of a settings' file, with its meaning and where it was found; secrets hidden.
    pub fn listing(&self) -> String {
        let mut lines = String::new();
        for setting in &SETTINGS {
            let shown = (setting.show)(self).replace('\\', "\\\\").replace('"', "\\\"");
            let place = self.places.get(setting.name).map_or("nobody set it", String::as_str);
            lines += &format!("# {}\n# From: {place}\n{} = \"{shown}\"\n\n", setting.meaning, setting.name);
        }
        lines
    }
}

/// What is said of variables of the environment that are called as settings are and are none: a sentence
/// each, with the one that was probably meant.
pub fn unknown_variables(names: impl Iterator<Item = OsString>) -> Vec<String> {
    let mut told: Vec<String> = names
        .filter_map(|name| {
            let name = name.to_str()?.to_owned();
            let setting = name.strip_prefix("OUTTURN_")?.to_lowercase();
            let (plain, ending) = match setting.strip_suffix("_file") {
                Some(plain) => (plain, "_FILE"),
                None => (setting.as_str(), ""),
            };
            let is_known = SETTINGS.iter().any(|known| [plain, &setting].contains(&known.name));
            (!is_known && setting != "config").then(|| {
                let meant =
                    nearest(plain).map(|known| format!(". Did you mean {}{ending}?", known.variable()));
                format!(
                    "the environment's {name} is no setting and counts for nothing{}",
                    meant.unwrap_or_default()
                )
            })
        })
        .collect();
    told.sort();
    told
}

/// Reads every setting; the first that is wrong is told.
pub fn read(sources: &Sources<'_>) -> Result<Settings, ConfigError> {
    let mut settings = Settings::default();
    if let Some(path) = sources.file {
        from_file(&mut settings, path)?;
    }
    let variable = |name: &str| (sources.environment)(name);
    for setting in &SETTINGS {
        if let Some(folder) = variable("CREDENTIALS_DIRECTORY") {
            let path = Path::new(&folder).join(setting.name);
            if path.exists() {
                from_own_file(&mut settings, setting, &path, "systemd's credential")?;
            }
        }
        let (plain, file) = (setting.variable(), format!("{}_FILE", setting.variable()));
        match (variable(&plain), variable(&file)) {
            (Some(_), Some(_)) => {
                return Err(ConfigError::Wrong {
                    place: "environment".into(),
                    name: plain,
                    message: format!("it is set, and so is {file}: set one of them"),
                });
            }
            (Some(value), None) => {
                let text = value.to_str().ok_or_else(|| ConfigError::Wrong {
                    place: "environment".into(),
                    name: plain.clone(),
                    message: "it is not text".into(),
                })?;
                apply(&mut settings, setting, text.trim(), "environment", &plain)?;
                settings.places.insert(setting.name, format!("the environment's {plain}"));
            }
            (None, Some(path)) => {
                from_own_file(&mut settings, setting, Path::new(&path), &format!("{file}, the file"))?;
            }
            (None, None) => {}
        }
    }
    settings.fit_together()?;
    Ok(settings)
}

/// A file that holds one setting, its last line end aside; `named_by` says how it came to be looked into.
fn from_own_file(
    settings: &mut Settings,
    setting: &'static Setting,
    path: &Path,
    named_by: &str,
) -> Result<(), ConfigError> {
    let text = text_of(path)?;
    apply(settings, setting, text.trim(), &path.display().to_string(), setting.name)?;
    settings.places.insert(setting.name, format!("{named_by} {}", path.display()));
    Ok(())
}

fn from_file(settings: &mut Settings, path: &Path) -> Result<(), ConfigError> {
    let text = text_of(path)?;
    let line_of =
        |at: usize| text.as_bytes()[..at.min(text.len())].iter().filter(|b| **b == b'\n').count() + 1;
    let table = DeTable::parse(&text).map_err(|error| ConfigError::NotToml {
        path: path.to_owned(),
        line: line_of(error.span().map_or(0, |span| span.start)),
        message: format!(
            "this is not TOML. Write a name, an equals sign and a value, a text in quotation marks, like listen = \
             \"127.0.0.1:8080\" ({})",
            error.message()
        ),
    })?;
    for (key, value) in table.get_ref() {
        let (name, line) = (key.get_ref().as_ref(), line_of(key.span().start));
        let Some(setting) = SETTINGS.iter().find(|setting| setting.name == name) else {
            return Err(ConfigError::Unknown {
                path: path.to_owned(),
                line,
                name: name.to_owned(),
                advice: advice(name),
            });
        };
        let place = format!("{}, line {line}", path.display());
        let Some(text) = plain(value.get_ref()) else {
            return Err(ConfigError::Wrong {
                place,
                name: name.to_owned(),
                message: "write text, a whole number or a list of texts".into(),
            });
        };
        apply(settings, setting, text.trim(), &place, name)?;
        settings.places.insert(setting.name, place);
    }
    Ok(())
}

/// A value as the environment would hold it.
fn plain(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.as_ref().to_owned()),
        DeValue::Integer(number) => Some(number.as_str().replace('_', "")),
        DeValue::Array(values) => {
            let texts: Option<Vec<String>> = values.iter().map(|value| plain(value.get_ref())).collect();
            Some(texts?.join(","))
        }
        DeValue::Boolean(is_so) => Some(is_so.to_string()),
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Table(_) => None,
    }
}

fn apply(
    settings: &mut Settings,
    setting: &Setting,
    text: &str,
    place: &str,
    name: &str,
) -> Result<(), ConfigError> {
    (setting.set)(settings, text).map_err(|message| ConfigError::Wrong {
        place: place.to_owned(),
        name: name.to_owned(),
        message,
    })
}

fn text_of(path: &Path) -> Result<String, ConfigError> {
    fs::read_to_string(path).map_err(|error| ConfigError::Unreadable { path: path.to_owned(), error })
}

/// The setting that was probably meant, if one is close.
fn nearest(name: &str) -> Option<&'static Setting> {
    let nearest = SETTINGS.iter().min_by_key(|setting| typed_wrong(setting.name, name));
    nearest.filter(|nearest| typed_wrong(nearest.name, name) <= 1 + name.len() / 4)
}

/// The setting that was probably meant, or all of them.
fn advice(name: &str) -> String {
    if let Some(nearest) = nearest(name) {
        return format!("Did you mean {}?", nearest.name);
    }
    let names: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
    format!("There are: {}", names.join(", "))
}

/// How many letters must be put in, left out or changed to make the one of the other.
fn typed_wrong(one: &str, other: &str) -> usize {
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, a) in one.bytes().enumerate() {
        let mut next = vec![row + 1];
        for (column, b) in other.bytes().enumerate() {
            let changed = last[column] + usize::from(a != b);
            next.push(changed.min(last[column + 1] + 1).min(next[column] + 1));
        }
        last = next;
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_from(file: Option<&str>, environment: &[(&str, &str)]) -> Result<Settings, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("outturn.toml");
        if let Some(text) = file {
            fs::write(&path, text).unwrap();
        }
        let variable = |name: &str| {
            let found = environment.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        };
        read(&Sources { file: file.map(|_| path.as_path()), environment: &variable })
    }

    #[test]
    fn the_environment_goes_before_the_file_and_the_file_before_what_is_built_in() {
        let file =
            "listen = \"127.0.0.1:1000\"\nworkers = 3\ntrusted_proxies = [\"10.0.0.1\", \"10.1.0.0/16\"]\n";
        let settings = read_from(Some(file), &[("OUTTURN_LISTEN", "127.0.0.1:2000")]).unwrap();
        assert_eq!(settings.listen.port(), 2000);
        assert_eq!(settings.workers, 3);
        assert_eq!(settings.trusted_proxies.len(), 2);
        assert_eq!(settings.service_name, "Outturn");
    }

    #[test]
    fn what_is_no_setting_is_refused_with_its_line() {
        let error = read_from(Some("workers = 2\n\nlissten = \"x\"\n"), &[]).unwrap_err().to_string();
        assert!(error.ends_with("line 3: there is no setting lissten. Did you mean listen?"), "{error}");
        let error = read_from(Some("workers = 2\nlisten = \n"), &[]).unwrap_err().to_string();
        assert!(error.contains("line 2: "), "{error}");
        let error = read_from(Some("workers = 1.5\n"), &[]).unwrap_err().to_string();
        assert!(error.contains("line 1: workers: write text"), "{error}");
    }

    #[test]
    fn what_is_written_wrong_in_a_setting_is_told_in_plain_words() {
        let told = |file: &str| read_from(Some(file), &[]).unwrap_err().to_string();
        assert!(told("listen = 127.0.0.1:8080\n").contains("in quotation marks"));
        assert!(!told("[server]\nlisten = \"127.0.0.1:80\"\n").contains("Did you mean"));
        assert!(told("database_url = \"sqlite.db\"\n").contains("write sqlite:PATH or postgres://"));
        let settings = read_from(Some("database_url = \"sqlite:bcf.db\"\n"), &[]).unwrap();
        assert!(settings.listing().contains("database_url = \"sqlite:bcf.db\""));
    }

    #[test]
    fn a_secret_may_stand_in_a_file_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("database_url");
        fs::write(&path, "postgres://outturn:hush@db/outturn\n").unwrap();
        let path = path.to_str().unwrap();
        let by_name = read_from(None, &[("OUTTURN_DATABASE_URL_FILE", path)]).unwrap();
        assert_eq!(by_name.database_url.reveal(), "postgres://outturn:hush@db/outturn");
        let folder = folder.path().to_str().unwrap();
        let by_systemd = read_from(None, &[("CREDENTIALS_DIRECTORY", folder)]).unwrap();
        assert_eq!(by_systemd.database_url, by_name.database_url);
        let both = [("OUTTURN_DATABASE_URL_FILE", path), ("OUTTURN_DATABASE_URL", "sqlite:x.db")];
        assert!(read_from(None, &both).is_err());
    }

    #[test]
    fn no_secret_is_shown() {
        let secret = [
            ("OUTTURN_DATABASE_URL", "postgres://outturn:hush@db/outturn"),
            ("OUTTURN_SINGLE_SIGN_ON_CLIENT_SECRET", "hush"),
        ];
        let settings = read_from(None, &secret).unwrap();
        assert!(!settings.listing().contains("hush") && !format!("{settings:?}").contains("hush"));
        assert!(settings.listing().contains("database_url = \"(hidden)\""));
    }

    #[test]
    fn what_belongs_together_is_asked_for_together() {
        let issuer = ("OUTTURN_SINGLE_SIGN_ON_ISSUER", "https://login.example.org");
        assert!(read_from(None, &[issuer]).is_err());
        assert!(read_from(None, &[("OUTTURN_MANAGEMENT_LISTEN", "127.0.0.1:8080")]).is_err());
        let without = read_from(None, &[("OUTTURN_MANAGEMENT_LISTEN", "")]).unwrap();
        assert_eq!(without.management_listen, None);
    }

    #[test]
    fn the_listing_says_where_each_setting_was_found() {
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        fs::write(&secret, "hush\n").unwrap();
        let variables =
            [("OUTTURN_LISTEN", "127.0.0.1:2000"), ("OUTTURN_SMTP_PASSWORD_FILE", secret.to_str().unwrap())];
        let listing = read_from(Some("workers = 2\nlog = \"warn\"\n"), &variables).unwrap().listing();
        let place_of = |name: &str| {
            let lines: Vec<&str> = listing.lines().collect();
            let at = lines.iter().position(|line| line.starts_with(&format!("{name} = "))).unwrap();
            lines[at - 1].to_owned()
        };
        assert_eq!(place_of("listen"), "# From: the environment's OUTTURN_LISTEN");
        assert!(place_of("log").ends_with("outturn.toml, line 2"), "{}", place_of("log"));
        assert!(place_of("smtp_password").starts_with("# From: OUTTURN_SMTP_PASSWORD_FILE, the file "));
        assert_eq!(place_of("contact"), "# From: nobody set it");
    }

    #[test]
    fn a_variable_that_is_no_setting_is_told_with_the_one_that_was_meant() {
        let told = |names: &[&str]| unknown_variables(names.iter().map(OsString::from));
        assert_eq!(
            told(&["OUTTURN_LISSTEN", "OUTTURN_SMTP_PASWORD_FILE"]),
            [
                "the environment's OUTTURN_LISSTEN is no setting and counts for nothing. Did you mean OUTTURN_LISTEN?",
                "the environment's OUTTURN_SMTP_PASWORD_FILE is no setting and counts for nothing. Did you mean \
                 OUTTURN_SMTP_PASSWORD_FILE?",
            ]
        );
        assert_eq!(
            told(&["OUTTURN_XYZ"]),
            ["the environment's OUTTURN_XYZ is no setting and counts for nothing"]
        );
        assert!(
            told(&["OUTTURN_LISTEN", "OUTTURN_BACKUP_FOLDER", "OUTTURN_LOG_FILE", "OUTTURN_CONFIG", "PATH"])
                .is_empty()
        );
    }

    #[test]
    fn the_listing_can_be_read_back() {
        let listing = Settings::default().listing();
        let again = read_from(Some(&listing.replace("(hidden)", "sqlite:outturn.db")), &[]).unwrap();
        let values = |listing: &str| -> Vec<String> {
            listing.lines().filter(|line| !line.starts_with("# From: ")).map(str::to_owned).collect()
        };
        assert_eq!(values(&again.listing()), values(&listing));
    }
}
