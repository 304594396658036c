//! A service with the built-in example, and browsers that use it.

use chrono::TimeDelta;
use diesel::{Connection, PgConnection, connection::SimpleConnection};
use outturn::{
    clock::Clock,
    demo,
    figures::period::Month,
    month_end::{self, MonthEnd},
    packs::{freeze::Formats, template::Templates},
    people::{Person, PersonState},
    plan::PlanFile,
    service::{Service, Who},
    store::{DatabaseUrl, Deed, Intake, NewPerson, Session, Store},
    web::{
        Site,
        answer::Answer,
        asked::{Part, RawRequest},
        dispatch,
    },
};
use std::{
    cell::RefCell,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

pub const AREA: &str = demo::AREA;
pub const MONTH: &str = demo::AS_AT;

/// The example as a service: its plan, its returns, its published pack and its people.
pub struct TestSite {
    pub site: Arc<Site>,
    pub database: DatabaseUrl,
    _folder: tempfile::TempDir,
    _server: Option<ServerDatabase>,
}

/// Runs a test on each kind of database, each with the example in it.
pub fn on_each_database(test: impl Fn(&TestSite)) {
    let folder = tempfile::tempdir().unwrap();
    let database = DatabaseUrl::Sqlite(folder.path().join("outturn.db"));
    test(&TestSite::open(database, folder, None));
    match std::env::var("OUTTURN_TEST_POSTGRES") {
        Ok(server) => {
            let server = ServerDatabase::create(&server);
            let folder = tempfile::tempdir().unwrap();
            test(&TestSite::open(server.url.clone(), folder, Some(server)));
        }
        Err(_) => eprintln!("skipped on PostgreSQL: OUTTURN_TEST_POSTGRES is not set"),
    }
}

/// The example on SQLite alone, for what does not depend on the database.
pub fn example() -> TestSite {
    let folder = tempfile::tempdir().unwrap();
    let database = DatabaseUrl::Sqlite(folder.path().join("outturn.db"));
    TestSite::open(database, folder, None)
}

/// A service on a new SQLite store in the folder, without anything in it.
pub fn empty(folder: &std::path::Path) -> TestSite {
    let database = DatabaseUrl::Sqlite(folder.join("empty.db"));
    let clock = Clock::starting_at(demo::now());
    let service = Service::open(&database, clock, Templates::built_in(), false).unwrap();
    let site = Arc::new(Site::new(Arc::new(service)));
    TestSite { site, database, _folder: tempfile::tempdir().unwrap(), _server: None }
}

/// The example's plan and people on a new SQLite store in the folder; no return has come.
pub fn without_returns(folder: &std::path::Path) -> TestSite {
    let mut site = empty(folder);
    site.site = site.opened(Clock::starting_at(demo::now()), true);
    let files: Vec<(String, Vec<u8>)> =
        demo::plan_files().into_iter().map(|(name, bytes)| (name.to_owned(), bytes.to_vec())).collect();
    let loaded = Deed { at: demo::now(), ..Deed::default() };
    site.site.service.change(|store| store.keep_plan(&files, &loaded)).unwrap();
    add_people(&mut Store::open(&site.database).unwrap());
    site
}

/// The example once for each of these areas, on SQLite alone; its people work in the first.
pub fn example_of(area_codes: &[&str]) -> TestSite {
    let folder = tempfile::tempdir().unwrap();
    let database = DatabaseUrl::Sqlite(folder.path().join("outturn.db"));
    TestSite::open_for(area_codes, database, folder, None)
}

impl TestSite {
    fn open(database: DatabaseUrl, folder: tempfile::TempDir, server: Option<ServerDatabase>) -> TestSite {
        TestSite::open_for(&[AREA], database, folder, server)
    }

    fn open_for(
        area_codes: &[&str],
        database: DatabaseUrl,
        folder: tempfile::TempDir,
        server: Option<ServerDatabase>,
    ) -> TestSite {
        load_example(&database, folder.path(), area_codes);
        let clock = Clock::starting_at(demo::now());
        let service = Service::open(&database, clock, Templates::built_in(), true).unwrap();
        let site = Arc::new(Site::new(Arc::new(service)));
        TestSite { site, database, _folder: folder, _server: server }
    }

    /// The same service on the same store, opened so much later.
    pub fn later(&self, by: TimeDelta) -> Arc<Site> {
        self.opened(Clock::starting_at(demo::now() + by), true)
    }

    /// A service on the same store, with a clock of its own, that is or is not the example.
    pub fn opened(&self, clock: Clock, is_example: bool) -> Arc<Site> {
        let service = Service::open(&self.database, clock, Templates::built_in(), is_example).unwrap();
        Arc::new(Site::new(Arc::new(service)))
    }

    /// A browser that nobody has signed in with.
    /// Somebody who has just signed in, for asking a verb itself.
    pub fn just_signed_in(&self, person: Person) -> Who {
        let now = self.site.service.clock.now();
        let session = Session {
            number: 1,
            person: person.id,
            started_at: now,
            last_seen_at: now,
            confirmed_at: now,
            way: "password and code".into(),
            address: String::new(),
            browser: String::new(),
            ended_at: None,
        };
        Who { person, session: Some(session) }
    }

    pub fn browser(&self) -> Browser {
        Browser { site: Arc::clone(&self.site), token: RefCell::default() }
    }

    /// A browser in which the person of the example with this address has signed in.
    pub fn as_person(&self, email: &str) -> Browser {
        let browser = self.browser();
        let person = self.site.service.store().unwrap().person_by_email(email).unwrap().unwrap();
        let answer = browser.post("/sign-in/example", &[("person", &person.id.to_string())]);
        assert_eq!(answer.status, 303, "{email} signs in");
        browser
    }
}

/// A table of the example's plan, with the rows of its area once for each of these.
fn plan_table(bytes: &[u8], area_codes: &[&str]) -> String {
    let table = std::str::from_utf8(bytes).unwrap();
    let (heading, rows) = table.split_once('\n').unwrap();
    let (of_area, national): (Vec<&str>, Vec<&str>) =
        rows.split_inclusive('\n').partition(|row| row.contains(AREA));
    let copies: String = area_codes.iter().map(|code| of_area.concat().replace(AREA, code)).collect();
    format!("{heading}\n{}{copies}", national.concat())
}

fn load_example(database: &DatabaseUrl, folder: &std::path::Path, area_codes: &[&str]) {
    let plan_files: Vec<PlanFile> = demo::plan_files()
        .into_iter()
        .map(|(name, bytes)| PlanFile { name: name.to_owned(), bytes: plan_table(bytes, area_codes).into() })
        .collect();
    let plan = outturn::plan::read(&plan_files).unwrap();
    for (_, name, bytes) in demo::return_files() {
        for code in area_codes {
            std::fs::create_dir_all(folder.join("returns").join(code)).unwrap();
            let table = std::str::from_utf8(bytes).unwrap().replace(AREA, code);
            std::fs::write(folder.join("returns").join(code).join(name), table).unwrap();
        }
    }
    let (returns, _) = month_end::gather_returns(&folder.join("returns"), &plan).unwrap();
    let month_end = MonthEnd {
        database,
        plan: &plan,
        plan_files: &plan_files,
        returns,
        as_at: Month::parse(demo::AS_AT.as_bytes()).unwrap(),
        intake: Intake::Whole,
        formats: Formats::ALL,
        templates: &Templates::built_in(),
        out: Some(&folder.join("packs")),
        now: demo::now(),
        workers: 1,
        despite_lock: None,
    };
    month_end::run(month_end, &|_, _| {}).unwrap();
    add_people(&mut Store::open(database).unwrap());
}

fn add_people(store: &mut Store) {
    for (email, name, roles) in demo::people() {
        let state = PersonState::Active;
        let new = NewPerson { email, name, state, roles: &roles, created_at: demo::now() };
        let deed = Deed { at: demo::now(), deed: "person added", ..Deed::default() };
        store.add_person(&new, &deed).unwrap().unwrap();
    }
}

/// Keeps its cookie, and sends forms with the token of the page that they stand on.
pub struct Browser {
    site: Arc<Site>,
    token: RefCell<String>,
}

impl Browser {
    /// The browser with its cookie, before another site of the same service.
    pub fn before(&self, site: &Arc<Site>) -> Browser {
        Browser { site: Arc::clone(site), token: self.token.clone() }
    }

    /// What its cookie holds.
    pub fn token(&self) -> String {
        self.token.borrow().clone()
    }

    pub fn get(&self, place: &str) -> Answer {
        self.send(self.request("GET", place))
    }

    /// Sends a form as a page of ours would.
    pub fn post(&self, place: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.form_token();
        let mut raw = self.request("POST", place);
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields).append_pair("form_token", &token);
        raw.body = form.finish().into_bytes();
        self.send(raw)
    }

    /// Sends a form with a file, as a page of ours would.
    pub fn upload(
        &self,
        place: &str,
        fields: &[(&str, &str)],
        (name, file_name, bytes): (&str, &str, &[u8]),
    ) -> Answer {
        let token = self.form_token();
        let mut raw = self.request("POST", place);
        let field = |name: &str, value: &str| Part {
            name: name.to_owned(),
            file_name: None,
            bytes: value.as_bytes().to_vec(),
        };
        raw.parts = fields.iter().map(|(name, value)| field(name, value)).collect();
        raw.parts.push(field("form_token", &token));
        raw.parts.push(Part {
            name: name.to_owned(),
            file_name: Some(file_name.to_owned()),
            bytes: bytes.to_vec(),
        });
        self.send(raw)
    }

    /// A request of this browser's, to be changed and sent.
    pub fn request(&self, method: &str, place: &str) -> RawRequest {
        let (path, query) = place.split_once('?').unwrap_or((place, ""));
        let cookie = format!("{}={}", dispatch::COOKIE, self.token.borrow());
        RawRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: vec![("cookie".to_owned(), cookie)],
            address: "127.0.0.1".to_owned(),
            request_id: dispatch::new_token()[..16].to_owned(),
            ..RawRequest::default()
        }
    }

    pub fn send(&self, raw: RawRequest) -> Answer {
        let answer = dispatch::answer(&self.site, &raw);
        for (name, value) in &answer.headers {
            if *name == "set-cookie"
                && let Some(rest) = value.strip_prefix(dispatch::COOKIE)
            {
                *self.token.borrow_mut() = rest[1..].split(';').next().unwrap().to_owned();
            }
        }
        answer
    }

    /// What a form of this browser's must hold; gets a cookie first where there is none.
    pub fn form_token(&self) -> String {
        if self.token.borrow().is_empty() {
            self.get("/sign-in");
        }
        outturn::web::asked::form_token(&self.token.borrow())
    }
}

/// The answer's body as text.
pub fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.clone()).unwrap()
}

/// A page without its form tokens, which are written otherwise each time.
pub fn without_form_tokens(page: &str) -> String {
    let mut parts = page.split("name=\"form_token\" value=\"");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |page, part| page + "name=\"form_token" + part.split_once('"').unwrap().1)
}

/// Where the answer leads.
pub fn location(answer: &Answer) -> String {
    let found = answer.headers.iter().find(|(name, _)| *name == "location");
    found.unwrap_or_else(|| panic!("leads nowhere: {}", text(answer))).1.clone()
}

/// A database of its own on the server, dropped with the value.
struct ServerDatabase {
    server: String,
    name: String,
    url: DatabaseUrl,
}

impl ServerDatabase {
    fn create(server: &str) -> ServerDatabase {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("outturn_web_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        run_sql(server, &format!("CREATE DATABASE {name}"));
        let (place, parameters) = server.split_once('?').unwrap_or((server, ""));
        let (place, _) = place.rsplit_once('/').unwrap();
        let url = DatabaseUrl::parse(&format!("{place}/{name}?{parameters}")).unwrap();
        ServerDatabase { server: server.to_owned(), name, url }
    }
}

impl Drop for ServerDatabase {
    fn drop(&mut self) {
        run_sql(&self.server, &format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

fn run_sql(server: &str, statement: &str) {
    PgConnection::establish(server).unwrap().batch_execute(statement).unwrap();
}
