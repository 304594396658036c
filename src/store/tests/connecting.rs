//! How connections are opened, and what is agreed with PostgreSQL’s server about them.

use super::*;
use crate::store::db::Db;
use diesel::{QueryableByName, RunQueryDsl, sql_types::Text};

/// A setting as the server has it for a new connection of ours.
fn setting(url: &DatabaseUrl, name: &str) -> String {
    #[derive(QueryableByName)]
    struct Setting {
        #[diesel(sql_type = Text)]
        value: String,
    }
    let mut store = Store::open(url).unwrap();
    let Db::Postgresql(connection) = &mut store.db else { panic!("it is a file") };
    let query = diesel::sql_query(format!("SELECT current_setting('{name}') AS value"));
    query.get_result::<Setting>(connection).unwrap().value
}

/// The same database, with an option for its server.
fn with_option(url: &DatabaseUrl, name: &str, value: &str) -> DatabaseUrl {
    let DatabaseUrl::Postgresql(address) = url else { panic!("it is a file") };
    let address = address.trim_end_matches('?');
    let sign = if address.contains('?') { '&' } else { '?' };
    DatabaseUrl::parse(&format!("{address}{sign}options=-c%20{name}%3D{value}")).unwrap()
}

#[test]
fn whoever_is_silent_within_a_transaction_loses_it_after_a_minute_or_sooner_where_the_server_is_set_so() {
    const NAME: &str = "idle_in_transaction_session_timeout";
    on_each_database(|url| {
        if let DatabaseUrl::Postgresql(_) = url {
            assert_eq!(setting(url, NAME), "1min");
            for (set, held) in
                [("0", "1min"), ("60001", "1min"), ("2h", "1min"), ("60s", "1min"), ("3s", "3s")]
            {
                assert_eq!(setting(&with_option(url, NAME, set), NAME), held, "{set}");
            }
        }
    });
}

#[test]
#[cfg(target_os = "linux")]
fn a_connection_that_is_idle_is_looked_after_each_twenty_seconds_by_both_ends() {
    /// Source: Linux, `Documentation/networking/proc_net_tcp.rst`.
    const KEEPALIVE: &str = "02";
    const TICKS_A_SECOND: i64 = 100;
    on_each_database(|url| {
        let DatabaseUrl::Postgresql(address) = url else { return };
        let port = address.rsplit_once(':').and_then(|(_, rest)| rest.split(['/', '?']).next());
        let Some(port) = port.and_then(|port| port.parse::<u16>().ok()) else { return };
        assert_eq!(setting(url, "tcp_keepalives_idle"), "20");
        let _open = Store::open(url).unwrap();
        // What is just being said has a timer of its own for a moment.
        let is_watched = (0..100).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            let known = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
            let of_both_ends = known.lines().skip(1).filter_map(|line| {
                let cells: Vec<&str> = line.split_whitespace().collect();
                let is_it = [cells[1], cells[2]].iter().any(|end| end.ends_with(&format!(":{port:04X}")));
                let (timer, ticks) = cells[5].split_once(':')?;
                let is_short = i64::from_str_radix(ticks, 16).ok()? <= 20 * TICKS_A_SECOND;
                (is_it && timer == KEEPALIVE && is_short).then_some(())
            });
            of_both_ends.count() >= 2
        });
        assert!(is_watched);
    });
}

#[test]
fn several_programs_open_a_new_file_at_once() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("outturn.db"));
        std::thread::scope(|scope| {
            let opened: Vec<_> = (0..6).map(|_| scope.spawn(|| Store::open(&url).map(drop))).collect();
            for opened in opened {
                opened.join().unwrap().unwrap();
            }
        });
    }
}
