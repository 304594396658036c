//! Two areas, and in the first something of everything that a route can name.

use crate::{
    site::{AREA, Browser, MONTH, TestSite, example_of},
    system::{System, json},
};
use outturn::{
    clock::Clock,
    demo,
    figures::{money::Pence, period::Month},
    packs::template::Templates,
    service::Service,
    store::DatabaseUrl,
    web::{Site, answer::Answer, asked::RawRequest, interface},
};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// An area in which nobody of the example has a role, but for those who have it everywhere.
pub const OTHER_AREA: &str = "E10000003";
pub const NO_AREA: &str = "E99999999";
/// A month whose pack is public.
const PUBLIC_MONTH: &str = "2015-10";

/// The columns of the table, and who stands for each. The return is of the council; the others are of
/// another organisation of the same area.
pub const ACTORS: [(&str, &str); 10] = [
    ("nobody", ""),
    ("officer", "officer.council@example.org"),
    ("approver", "approver.council@example.org"),
    ("other officer", "officer.trust@example.org"),
    ("other approver", "approver.trust@example.org"),
    ("manager", "manager@example.org"),
    ("board", "board@example.org"),
    ("alliance", "alliance@example.org"),
    ("auditor", "auditor@example.org"),
    ("administrator", "administrator@example.org"),
];

/// Somebody with a browser and a system.
pub struct Actor {
    pub name: &'static str,
    pub browser: Browser,
    pub system: System,
}

pub struct World {
    pub site: TestSite,
    pub actors: Vec<Actor>,
    pub figure: String,
    pub link: String,
    pub person: u32,
    pub draft_sha256: String,
    pub proposal_sha256: String,
    copies: tempfile::TempDir,
}

impl World {
    pub fn new() -> World {
        let site = example_of(&[AREA, OTHER_AREA]);
        let actors = ACTORS.map(|(name, email)| match email {
            "" => Actor { name, browser: site.browser(), system: site.system_of_nobody() },
            email => Actor { name, browser: site.as_person(email), system: site.system_of(email) },
        });
        let mut world = World {
            actors: actors.into_iter().collect(),
            figure: String::new(),
            link: String::new(),
            person: site
                .site
                .service
                .store()
                .unwrap()
                .person_by_email("board@example.org")
                .unwrap()
                .unwrap()
                .id,
            draft_sha256: String::new(),
            proposal_sha256: String::new(),
            // In memory where there is such a place: the copies are many, and need not outlive anything.
            copies: tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap(),
            site,
        };
        world.fill();
        world
    }

    pub fn actor(&self, name: &str) -> &Actor {
        self.actors.iter().find(|actor| actor.name == name).unwrap()
    }

    fn fill(&mut self) {
        let system = |name: &str| self.actor(name).system.clone();
        let (officer, approver, manager) = (&system("officer"), &system("approver"), &system("manager"));
        let administrator = &system("administrator");
        let deputy = self.site.as_person("deputy@example.org");
        let months = format!("/api/v1/areas/{AREA}/months");
        let send = |pounds: i64| {
            let file = Some(("file", "finance.csv", &corrected(pounds).into_bytes()[..]));
            done(officer, &officer.form("POST", &format!("{months}/{MONTH}/returns"), &[], file))
        };
        send(1);
        send(2);
        let returns = format!("/api/v1/areas/{AREA}/returns");
        done(approver, &approver.request("POST", &format!("{returns}/2/accept")));
        send(3);
        let reason = json!({ "reason": "The total is not the ledger's" });
        done(approver, &approver.json("POST", &format!("{returns}/3/send-back"), &reason));
        let browser = &self.actor("officer").browser;
        let draft = browser.upload(
            &format!("/areas/{AREA}/{MONTH}/returns/upload"),
            &[("action", "send")],
            ("file", "finance.csv", corrected(900_000).as_bytes()),
        );
        assert_eq!(draft.status, 303, "it asks about the row, and the file is kept as a draft");

        let said = json!({
            "subject": "summary", "cause": "A mild month", "action": "None", "owner": "Ann Lee", "replaces": null,
        });
        done(manager, &manager.json("POST", &format!("{months}/{MONTH}/commentary"), &said));

        let prepared = |month: &str, edition: &str| {
            let new = json!({ "edition": edition, "release_at": null, "override_reason": "The board meets" });
            done(manager, &manager.json("POST", &format!("{months}/{month}/drafts"), &new))
        };
        let public = prepared(PUBLIC_MONTH, "public");
        let place = format!("/areas/{AREA}/{PUBLIC_MONTH}/packs/drafts/1/approve");
        let seen = [("manifest_sha256", public["manifest_sha256"].as_str().unwrap())];
        assert_eq!(deputy.post(&place, &seen).status, 303, "the deputy approves");
        let waiting = prepared(MONTH, "restricted");
        assert_eq!(waiting["number"], 2);
        self.draft_sha256 = waiting["manifest_sha256"].as_str().unwrap().to_owned();

        let (_, pools) = demo::plan_files().into_iter().find(|(name, _)| *name == "pools.csv").unwrap();
        let pools = std::str::from_utf8(pools).unwrap().to_owned();
        let both = pools.clone() + &pools.split_once('\n').unwrap().1.replace(AREA, OTHER_AREA);
        let renamed = both.replacen("Integrated", "Joined", 1).into_bytes();
        let file = Some(("file", "pools.csv", &renamed[..]));
        let fields = [("note", "A clearer name")];
        let proposed =
            done(administrator, &administrator.form("POST", "/api/v1/plan/proposals", &fields, file));
        self.proposal_sha256 = proposed["proposal"]["sha256"].as_str().unwrap().to_owned();

        let table = json(&manager.get(&format!("{months}/{MONTH}/tables/schemes")));
        let figures = table["rows"][0]["figures"].as_object().unwrap();
        self.figure = figures.values().next().unwrap().as_str().unwrap().to_owned();

        let service = &self.site.site.service;
        let by = outturn::service::people::By::Operator;
        let asking = outturn::service::Asking {
            now: service.clock.now(),
            request_id: String::new(),
            address: String::new(),
        };
        let link = service.make_link(by, &asking, self.person).unwrap();
        self.link = link.rsplit('/').next().unwrap().to_owned();
    }

    /// A site on a copy of the store, whose changes nobody else sees.
    pub fn copy(&self, name: &str) -> Arc<Site> {
        let DatabaseUrl::Sqlite(path) = &self.site.database else { panic!("the world is on SQLite") };
        let copy = self.copies.path().join(format!("{name}.db"));
        let connection = rusqlite::Connection::open(path).unwrap();
        connection.execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
        let clock = Clock::starting_at(demo::now());
        let service = Service::open(&DatabaseUrl::Sqlite(copy), clock, Templates::built_in(), true).unwrap();
        Arc::new(Site::new(Arc::new(service)))
    }

    /// How many rows each table has, but for what was noted of refusals.
    pub fn row_counts(&self) -> Vec<(String, i64)> {
        let DatabaseUrl::Sqlite(path) = &self.site.database else { panic!("the world is on SQLite") };
        let connection = rusqlite::Connection::open(path).unwrap();
        let mut tables = connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").unwrap();
        let tables: Vec<String> =
            tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let count = |table: String| {
            let but = if table == "audit_entry" { "WHERE deed <> 'refused'" } else { "" };
            let query = format!("SELECT count(*) FROM {table} {but}");
            let count = connection.query_row(&query, [], |row| row.get(0)).unwrap();
            (table, count)
        };
        tables.into_iter().map(count).collect()
    }

    /// An address of the route, in an area.
    pub fn address(&self, path: &str, area_code: &str) -> String {
        let month = if path.contains("public/") { PUBLIC_MONTH } else { MONTH };
        let steps = path.split('/').map(|step| {
            let Some(name) = step.strip_prefix('{').and_then(|step| step.strip_suffix('}')) else {
                return step.to_owned();
            };
            match name {
                "area" => area_code.to_owned(),
                "month" => month.to_owned(),
                "table" => "schemes".to_owned(),
                "figure" => self.figure.clone(),
                "link" => self.link.clone(),
                "person" => self.person.to_string(),
                "type" => "finance".to_owned(),
                "measure" => "NEA".to_owned(),
                "section" => "method".to_owned(),
                "row" => "2".to_owned(),
                "proposal" | "edition" | "version" if !path.starts_with("/assets") => "1".to_owned(),
                "version" => "0".to_owned(),
                "*subject" => "summary".to_owned(),
                "*file" if path.contains("editions") => "pools.csv".to_owned(),
                "*file" => "manifest.json".to_owned(),
                "file" if path.starts_with("/assets") => "site.css".to_owned(),
                "file" if path.contains("templates") => "finance.csv".to_owned(),
                "file" | "name" => "pools.csv".to_owned(),
                "number" if path.contains("drafts") => "2".to_owned(),
                "number" if path.contains("proposals") => "1".to_owned(),
                "number" => "1".to_owned(),
                name => panic!("say in `World::address` what stands for {{{name}}} of {path}"),
            }
        });
        steps.collect::<Vec<_>>().join("/")
    }

    /// The request of a route as a page or a system would send it, with everything that any form wants.
    pub fn request(&self, actor: &Actor, method: &str, path: &str, area_code: &str) -> RawRequest {
        let place = self.address(path, area_code);
        if interface::is_interface(path) {
            return self.of_interface(&actor.system, method, path, &place);
        }
        let query = if path.contains("returns/drafts") { "?for=BCC" } else { "" };
        let mut raw = actor.browser.request(method, &format!("{place}{query}"));
        if method == "POST" {
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.extend_pairs([
                ("reason", "Because"),
                ("manifest_sha256", &self.draft_sha256[..]),
                ("sha256", &self.proposal_sha256),
                ("subject", "summary"),
                ("replaces", "1"),
                ("person", &self.person.to_string()),
                ("held", &format!("board member@{AREA}")),
                ("job", if path.starts_with("/areas") { "compute" } else { "back up" }),
                ("on_behalf_of", if path.contains("returns/drafts") { "BCC" } else { "" }),
                ("form_token", &actor.browser.form_token()),
            ]);
            raw.body = form.finish().into_bytes();
            let token = actor.browser.request(method, &place);
            raw.headers = token.headers;
        }
        raw
    }

    fn of_interface(&self, system: &System, method: &str, path: &str, place: &str) -> RawRequest {
        let months = "/api/v1/areas/{area}/months/{month}";
        let reason = json!({ "reason": "Because" });
        let body = |body: Json| system.json(method, place, &body);
        let finance = corrected(4).into_bytes();
        let file = Some(("file", "finance.csv", &finance[..]));
        match (method, path.strip_prefix(months).unwrap_or(path)) {
            ("GET", "/commentary/history") => system.request(method, &format!("{place}?subject=summary")),
            ("GET", _) => system.request(method, place),
            ("POST", "/returns" | "/returns/check") => system.form(method, place, &[], file),
            ("POST", "/commentary") => body(json!({
                "subject": "summary", "cause": "A cold month", "action": "More beds", "owner": "Ann Lee",
                "replaces": 1,
            })),
            ("POST", "/commentary/close") => {
                body(json!({ "subject": "summary", "reason": "Done", "replaces": 1 }))
            }
            ("POST", "/drafts") => {
                body(json!({ "edition": "public", "release_at": null, "override_reason": "It is due" }))
            }
            ("POST", "/what-if") => body(json!({
                "changes": [{ "change": "outturn", "scheme": "S08", "outturn_pence": 1 }],
            })),
            ("POST", "/api/v1/plan/proposals") => {
                system.form(method, place, &[("note", "Again")], Some(("file", "pools.csv", b"x")))
            }
            ("DELETE", "/lock") => system.request(method, &format!("{place}?reason=Because")),
            ("POST", path) if path.ends_with("/accept") || path.ends_with("returns/{number}/withdraw") => {
                system.request(method, place)
            }
            ("POST", "/api/v1/jobs/runs") => body(json!({ "job": "compute", "area_code": AREA })),
            ("POST", "/api/v1/jobs/runs/{number}/again") => system.request(method, place),
            ("POST", "/api/v1/plan/proposals/{proposal}/withdraw") => system.request(method, place),
            ("POST" | "PUT", _) => body(reason),
            (method, path) => panic!("say in `World::of_interface` how {method} {path} is sent"),
        }
    }
}

/// What was answered, which must be that it was done.
fn done(system: &System, raw: &RawRequest) -> Json {
    let answer: Answer = system.send(raw);
    assert!(answer.status < 300, "{}: {}", raw.path, String::from_utf8_lossy(&answer.body));
    json(&answer)
}

/// The council's finance return for the month with one actual so many pounds higher.
pub fn corrected(pounds: i64) -> String {
    let (_, _, bytes) = demo::return_files().into_iter().find(|(_, name, _)| *name == "finance.csv").unwrap();
    let all = std::str::from_utf8(bytes).unwrap();
    assert!(Month::parse(MONTH.as_bytes()).is_some());
    let own = all.lines().filter(|line| line.starts_with(&format!("612,{AREA},{MONTH},")));
    let rows = own.map(|line| {
        if !line.contains(",S08,") {
            return line.to_owned();
        }
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        cells[6] = (Pence::parse(cells[6].as_bytes()).unwrap() + Pence(pounds * 100)).to_string();
        cells.join(",")
    });
    format!("{}\n{}\n", all.lines().next().unwrap(), rows.collect::<Vec<_>>().join("\n"))
}
