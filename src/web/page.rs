//! Pages: handlebars templates from `report-templates/web`, within one shell.

use super::{Site, answer::Answer, asked::Asked, form_token};
use crate::{
    digest::{Sha256, hex, sha256},
    figures::period::Month,
    people::{Role, token::random},
    service::{Refusal, Who, kept::Kept},
};
use handlebars::Handlebars;
use rust_embed::RustEmbed;
use serde::Serialize;
use std::{borrow::Cow, sync::Arc};

#[derive(RustEmbed)]
#[folder = "report-templates/web"]
struct Sources;

/// The templates, read and ready.
pub struct Pages {
    registry: Handlebars<'static>,
    /// What stood around the pages that were asked for lately.
    shells: Kept<Shell, Around>,
}

/// What stands before and after a page's own part.
pub struct Around {
    /// Up to the form token; the whole of it where it has none.
    before: String,
    /// From the form token on.
    after_token: Option<String>,
    after: String,
    form_secret: Sha256,
    /// Of both: it changes with whoever reads, and with the service.
    pub tag: String,
}

/// Bytes of what stands around pages, kept: enough for some hundreds of readers and pages.
const MOST_OF_SHELLS: usize = 1 << 20;

/// A page to be drawn: its template, what it is called and where it stands.
#[derive(Clone, Debug)]
pub struct Page {
    /// The template's file under `report-templates/web`, without `.hbs`.
    pub template: &'static str,
    /// What stands in the browser's title, before the service's name.
    pub title: String,
    pub place: Option<Place>,
    /// Links to what it lies in, the outermost first.
    pub trail: Vec<Link>,
}

/// Where in an area a page stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub area_code: String,
    pub area_name: String,
    pub month: Month,
    /// The area has a capitated contract.
    pub has_contract: bool,
    /// The entry of the area's navigation that is marked.
    pub entry: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Link {
    pub words: Cow<'static, str>,
    pub place: Cow<'static, str>,
    /// It leads to where the reader is.
    pub is_here: bool,
}

impl Link {
    pub fn to(place: impl Into<Cow<'static, str>>, words: impl Into<Cow<'static, str>>) -> Link {
        Link { words: words.into(), place: place.into(), is_here: false }
    }
}

impl Page {
    pub fn new(template: &'static str, title: impl Into<String>) -> Page {
        Page { template, title: title.into(), place: None, trail: Vec::new() }
    }

    /// A page of an area's month.
    pub fn at(self, place: Place) -> Page {
        Page { place: Some(place), ..self }
    }

    pub fn under(mut self, place: impl Into<Cow<'static, str>>, words: impl Into<Cow<'static, str>>) -> Page {
        self.trail.push(Link::to(place, words));
        self
    }
}

/// What stands around every page.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Shell {
    title: String,
    service_name: String,
    /// Whom to ask for help; empty where nobody said.
    contact: String,
    /// Who has signed in; empty for nobody.
    name: String,
    /// The secret of the reader's forms, so that what stands around pages can be kept; an answer hides it.
    #[serde(serialize_with = "as_hex")]
    form_token: Sha256,
    is_example: bool,
    /// The area whose page it is; empty where it is no area's.
    area_name: String,
    month_name: String,
    links: Vec<Link>,
    area_links: Vec<Link>,
    trail: Vec<Link>,
    /// Jobs that have failed, for those who look after them.
    failures: Vec<Failure>,
    styles: String,
}

/// Jobs that have failed, in words, and where they are run again; nowhere for whoever does not run them.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
struct Failure {
    words: String,
    place: String,
}

impl Shell {
    pub fn of(site: &Site, who: Option<&Who>, token: &str, page: &Page) -> Shell {
        let place = page.place.as_ref();
        Shell {
            title: page.title.clone(),
            service_name: site.service_name.clone(),
            contact: site.contact.clone(),
            name: who.map(|who| who.person.name.clone()).unwrap_or_default(),
            form_token: form_token::secret(token),
            is_example: site.service.is_example,
            area_name: place.map(|place| place.area_name.clone()).unwrap_or_default(),
            month_name: place.map(|place| place.month.name()).unwrap_or_default(),
            links: links(who),
            area_links: place.zip(who).map(|(place, who)| area_links(place, who)).unwrap_or_default(),
            trail: page.trail.clone(),
            failures: who.map(|who| failures(site, who)).unwrap_or_default(),
            styles: site.styles.address.clone(),
        }
    }
}

/// What stands at the head of every page, by what somebody may be.
fn links(who: Option<&Who>) -> Vec<Link> {
    let Some(who) = who else { return vec![Link::to("/", "Published packs")] };
    let mut links = vec![Link::to("/", "Home")];
    if who.person.is_any_anywhere(&[Role::Administrator, Role::PooledBudgetManager, Role::Auditor]) {
        links.push(Link::to("/plan", "Plan"));
    }
    if who.person.is_any_anywhere(&[Role::Administrator]) {
        links.push(Link::to("/people", "People"));
    }
    if who.person.is_any_anywhere(crate::service::post::messages::MESSAGE_READERS) {
        links.push(Link::to("/messages", "Messages"));
    }
    if who.person.is_any_anywhere(&[Role::Administrator]) || audits_everything(who) {
        links.push(Link::to("/jobs", "Jobs"));
    }
    if who.person.is_any_anywhere(crate::service::audit::AUDIT_READERS) {
        links.push(Link::to("/audit", "Audit record"));
    }
    links.push(Link::to("/account", "Your account"));
    links
}

fn audits_everything(who: &Who) -> bool {
    who.person.roles.iter().any(|held| held.role == Role::Auditor && held.area_code.is_none())
}

/// The jobs that have failed in the reader's areas and, where the reader looks after those, in the service.
fn failures(site: &Site, who: &Who) -> Vec<Failure> {
    let is_administrator = who.person.is_any_anywhere(&[Role::Administrator]);
    let told = site.service.failed_jobs().into_iter().filter_map(|failed| {
        let jobs = failed.in_words();
        if failed.area_code.is_empty() {
            let is_told = is_administrator || who.person.is_any_anywhere(&[Role::PooledBudgetManager]);
            let place = if is_administrator { "/jobs?state=failed".to_owned() } else { String::new() };
            return is_told.then(|| Failure { words: format!("In the whole service: {jobs}"), place });
        }
        let area_code = &failed.area_code;
        who.person.is(Role::PooledBudgetManager, area_code).then(|| Failure {
            words: format!("In {}: {jobs}", site.service.area_name(area_code)),
            place: format!("/areas/{area_code}/jobs?state=failed"),
        })
    });
    told.take(MOST_FAILURES).collect()
}

/// The most areas whose failures are told above a page.
const MOST_FAILURES: usize = 3;

/// The pages of an area's month, by what somebody may be there: what they come for stands first.
fn area_links(place: &Place, who: &Who) -> Vec<Link> {
    let (area, month) = (&place.area_code, place.month);
    let is = |roles: &[Role]| who.person.is_any(roles, area);
    let works_there = [
        Role::PartnerOfficer,
        Role::PartnerApprover,
        Role::PooledBudgetManager,
        Role::BoardMember,
        Role::Auditor,
    ];
    let comes_for_contract = is(&[Role::AllianceMember]) && !is(&works_there);
    let of_month = format!("/areas/{area}/{month}");
    let mut links = Vec::with_capacity(10);
    let mut link = |entry: &'static str, words: &'static str| {
        let between = if entry.is_empty() { "" } else { "/" };
        let to = [&of_month, between, entry].concat();
        links.push(Link { is_here: place.entry == entry, ..Link::to(to, words) });
    };
    if comes_for_contract {
        if place.has_contract {
            link("contract", "Contract");
            link("incentive", "Incentive");
        }
        link("scorecard", "Scorecard");
        link("packs", "Packs");
        link("what-if", "What if");
        link("commentary", "Commentary");
        link("", "Overview");
        return links;
    }
    if is(super::routes::READERS) {
        link("", "Overview");
    }
    if is(&[Role::PooledBudgetManager, Role::Auditor]) {
        link("tasks", "Month end");
    }
    if is(&[Role::PartnerOfficer, Role::PartnerApprover, Role::PooledBudgetManager, Role::Auditor]) {
        link("returns", "Returns");
    }
    if is(super::routes::READERS) {
        link("scorecard", "Scorecard");
        link("commentary", "Commentary");
    }
    if is(super::pages::figures::ASK_WHAT_IF) {
        link("what-if", "What if");
    }
    if is(super::routes::READERS) {
        link("packs", "Packs");
    }
    if is(super::pages::jobs::AREA_READERS) {
        let is_here = place.entry == "jobs";
        links.push(Link { is_here, ..Link::to(format!("/areas/{area}/jobs"), "Jobs") });
    }
    links
}

impl Pages {
    /// The built-in pages.
    pub fn built_in() -> Pages {
        let mut registry = Handlebars::new();
        registry.set_strict_mode(true);
        for file in Sources::iter() {
            let Some(name) = file.strip_suffix(".hbs") else { continue };
            let source = Sources::get(&file).expect("a listed file is there");
            let source = std::str::from_utf8(&source.data).expect("a template is text");
            registry.register_template_string(name, source).expect("the built-in pages are sound");
        }
        Pages { registry, shells: Kept::new(MOST_OF_SHELLS) }
    }

    /// Draws a page with its values.
    pub fn draw(&self, shell: &Shell, page: &Page, values: &impl Serialize) -> Result<Answer, Refusal> {
        let part = self.part(page.template, values)?;
        Ok(self.around(shell)?.page(&part, &random()))
    }

    /// A template with its values: a page's own part.
    pub fn part(&self, template: &str, values: &impl Serialize) -> Result<String, Refusal> {
        self.registry.render(template, values).map_err(broken)
    }

    /// What stands around the pages of a shell.
    pub fn around(&self, shell: &Shell) -> Result<Arc<Around>, Refusal> {
        if let Some((_, around)) = self.shells.get(shell) {
            return Ok(around);
        }
        let before = self.registry.render("shell-before", shell).map_err(broken)?;
        let after = self.registry.render("shell-after", shell).map_err(broken)?;
        let tag = hex(&sha256(format!("{before}{after}").as_bytes()))[..16].to_owned();
        // The shell itself takes about as much as what is drawn from it.
        let size = 2 * (before.len() + after.len());
        let (before, after_token) = match before.split_once(&hex(&shell.form_token)) {
            Some((before, after_token)) => (before.to_owned(), Some(after_token.to_owned())),
            None => (before, None),
        };
        let around = Arc::new(Around { before, after_token, after, form_secret: shell.form_token, tag });
        self.shells.put(shell.clone(), 0, size, Arc::clone(&around));
        Ok(around)
    }
}

fn as_hex<S: serde::Serializer>(digest: &Sha256, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hex(digest))
}

fn broken(error: handlebars::RenderError) -> Refusal {
    Refusal::Broken(error.to_string())
}

impl Around {
    /// The mask of a page that must be the same wherever the same is asked for and has the same tag.
    pub fn mask_of(&self, path: &str, query: &str, tag: &str) -> Sha256 {
        form_token::mask_of(&self.form_secret, path, query, tag)
    }

    /// The whole page, with the form token hidden by a mask.
    pub fn page(&self, part: &str, mask: &Sha256) -> Answer {
        let html = match &self.after_token {
            Some(after_token) => {
                let token = form_token::masked(&self.form_secret, mask);
                [&self.before, &token, after_token, part, &self.after].concat()
            }
            None => [&self.before, part, &self.after].concat(),
        };
        Answer::html(html)
    }
}

impl Asked<'_> {
    /// Draws a page for whoever asks. Forms find their token as `form_token` among the values.
    pub fn page(&self, page: &Page, values: &impl Serialize) -> Result<Answer, Refusal> {
        #[derive(Serialize)]
        struct WithToken<'a, T> {
            form_token: String,
            #[serde(flatten)]
            values: &'a T,
        }
        let shell = Shell::of(self.site, self.who.as_ref(), &self.token, page);
        self.site.pages.draw(&shell, page, &WithToken { form_token: self.form_token(), values })
    }
}
