//! Where the service listens: taken before anything else is begun.

use super::watch;
use crate::config::Settings;
use std::{
    io,
    net::{SocketAddr, TcpListener},
};

/// The addresses of the settings, held by this process.
#[derive(Debug)]
pub struct Places {
    pub(super) pages: TcpListener,
    pub(super) management: Option<TcpListener>,
}

/// An address at which the service cannot listen, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[error("{setting}: it cannot listen at {address}: {why}")]
pub struct NoPlace {
    /// The setting that names the address.
    pub setting: &'static str,
    pub address: SocketAddr,
    pub why: String,
}

impl Places {
    /// Takes the addresses of the settings.
    pub fn take(settings: &Settings) -> Result<Places, NoPlace> {
        let management = settings.management_listen;
        Ok(Places {
            pages: taken("listen", settings.listen)?,
            management: management.map(|address| taken("management_listen", address)).transpose()?,
        })
    }
}

fn taken(setting: &'static str, address: SocketAddr) -> Result<TcpListener, NoPlace> {
    watch::listen(address).map_err(|error| NoPlace { setting, address, why: why(setting, &error) })
}

fn why(setting: &str, error: &io::Error) -> String {
    let variable = format!("OUTTURN_{}", setting.to_uppercase());
    match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "another program is there already, perhaps another outturn serve. Stop it, or set {setting} \
             ({variable}) to another port"
        ),
        io::ErrorKind::AddrNotAvailable => {
            format!("this machine has no such address. Set {setting} ({variable}) to one that it has")
        }
        io::ErrorKind::PermissionDenied => format!(
            "whoever runs the program may not use this port. Set {setting} ({variable}) to one from 1024 on, and \
             let your proxy speak for it"
        ),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_taken_is_told_with_its_setting() {
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let free = SocketAddr::from(([127, 0, 0, 1], 0));
        let settings = Settings {
            listen: free,
            management_listen: Some(other.local_addr().unwrap()),
            ..Settings::default()
        };
        let told = Places::take(&settings).unwrap_err().to_string();
        let address = other.local_addr().unwrap();
        let start =
            format!("management_listen: it cannot listen at {address}: another program is there already");
        assert!(told.starts_with(&start) && told.contains("OUTTURN_MANAGEMENT_LISTEN"), "{told}");
    }
}
