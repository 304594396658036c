//! The post: written with what it announces, sent once through TLS to whoever may have it, and shown.

mod mail_server;
mod pages;
mod receiving;
mod sending;

use crate::site::{AREA, MONTH, TestSite};
use chrono::NaiveDateTime;
use mail_server::FakeServer;
use outturn::{
    clock::Clock,
    demo,
    figures::period::Month,
    packs::template::Templates,
    post::Sender,
    service::{Asking, Service, Who, post::PostTerms, publication::NewPack},
    store::{Deed, Edition, LinkPurpose, Message, MessageKind, MessageQuery, NewMessage, OneTimeLink},
    web::Site,
};
use std::sync::Arc;

const PUBLIC_URL: &str = "https://outturn.example.org";

/// A further service on the site's store, with a clock of its own, that has a mail server.
fn with_post(site: &TestSite) -> Service {
    with_post_at(site, Clock::starting_at(demo::now()))
}

fn with_post_at(site: &TestSite, clock: Clock) -> Service {
    let service = Service::open(&site.database, clock, Templates::built_in(), true).unwrap();
    service.with_post(PostTerms {
        public_url: PUBLIC_URL.into(),
        contact: "Joint Commissioning Team".into(),
        sender: Sender::parse("Outturn <outturn@council.example>"),
        ..PostTerms::default()
    })
}

fn site_of(service: Service) -> Arc<Site> {
    Arc::new(Site::new(Arc::new(service)))
}

fn month() -> Month {
    Month::parse(MONTH.as_bytes()).unwrap()
}

fn asking(now: NaiveDateTime) -> Asking {
    Asking { now, request_id: "test".into(), address: "127.0.0.1".into() }
}

fn person(service: &Service, email: &str) -> u32 {
    service.store().unwrap().person_by_email(email).unwrap().unwrap().id
}

/// The manager puts the month's pack forward: the deputy is told.
fn prepare(service: &Service) {
    let manager = service.store().unwrap().person_by_email("manager@example.org").unwrap().unwrap();
    let who = Who { person: manager, session: None };
    let new = NewPack {
        edition: Edition::Restricted,
        release_at: None,
        override_reason: "The board meets on Thursday".into(),
    };
    service.prepare_pack((&who, &asking(service.clock.now())), AREA, month(), &new).unwrap();
}

/// Writes a message by itself, in the transaction of a link that nobody uses.
fn write(service: &Service, new: NewMessage<'_>) {
    let now = service.clock.now();
    let link = OneTimeLink { purpose: LinkPurpose::Recovery, person: Some(new.person), expires_at: now };
    let deed = Deed { at: now, deed: "link made", ..Deed::default() };
    let token = outturn::digest::sha256(format!("{} {}", new.subject, new.person).as_bytes());
    service.store().unwrap().make_link(&token, &link, Some(&new), &deed).unwrap();
}

/// A message to the board that something is out.
fn to_the_board<'a>(service: &Service, subject: &'a str) -> NewMessage<'a> {
    NewMessage {
        kind: MessageKind::PackReleased,
        area_code: AREA,
        subject,
        person: person(service, "board@example.org"),
        title: "The pack is out",
        body: "Read the pack.\n",
        made_at: service.clock.now(),
    }
}

/// Every message, the first first.
fn messages(service: &Service) -> Vec<Message> {
    let query = MessageQuery::default();
    let (mut messages, _) = service.store().unwrap().messages(&query, 0, 1_000).unwrap();
    messages.reverse();
    messages
}

/// Sends what waits now; gives how many were tried.
fn send_all(service: &Service, server: &FakeServer) -> usize {
    let carrier = server.carrier();
    (0..).take_while(|_| service.send_next(&carrier).unwrap()).count()
}
