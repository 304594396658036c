//! Who receives what: whoever may have it still, while it is news, and links that count.

use super::{
    PUBLIC_URL, asking, mail_server::FakeServer, messages, month, person, send_all, site_of, to_the_board,
    with_post, with_post_at, write,
};
use crate::site::{AREA, example, on_each_database, text};
use chrono::TimeDelta;
use outturn::{
    demo,
    people::RoleHeld,
    post::TlsWay,
    service::people::By,
    store::{Deed, Edition, MessageKind, MessageState, NewDraft, NewMessage},
};

#[test]
fn whoever_lost_the_role_in_between_gets_nothing() {
    on_each_database(|site| {
        let (service, server) = (with_post(site), FakeServer::start(TlsWay::Implicit));
        write(&service, to_the_board(&service, "2015-11, version 1"));
        let board = person(&service, "board@example.org");
        let other = vec![RoleHeld::parse("board member@E06000000").unwrap()];
        let deed = Deed { at: service.clock.now(), deed: "roles changed", ..Deed::default() };
        service.store().unwrap().set_roles(board, &other, &deed).unwrap();
        assert_eq!(send_all(&service, &server), 1);
        assert_eq!(messages(&service)[0].state, MessageState::Withheld);
        assert!(server.came().is_empty());
    });
}

#[test]
fn old_news_is_withheld_unless_somebody_asks_for_it() {
    let site = example();
    let (service, server) = (with_post(&site), FakeServer::start(TlsWay::Implicit));
    write(&service, to_the_board(&service, "2015-11, version 1"));
    service.clock.put_forward(TimeDelta::days(15));
    send_all(&service, &server);
    assert_eq!(messages(&service)[0].state, MessageState::Withheld);
    let deed = Deed { at: service.clock.now(), deed: "message sent again", ..Deed::default() };
    service.store().unwrap().send_again(1, &deed).unwrap();
    send_all(&service, &server);
    assert_eq!(messages(&service)[0].state, MessageState::Sent);
}

#[test]
fn there_is_never_a_message_without_what_it_announces_or_the_other_way_round() {
    on_each_database(|site| {
        let service = with_post(site);
        let mut store = service.store().unwrap();
        let draft = NewDraft {
            area_code: AREA,
            as_at: month(),
            manifest_sha256: [7; 32],
            edition: Edition::Restricted,
            release_at: demo::now(),
            override_reason: "",
            prepared_by: 1,
        };
        let deed = Deed { at: demo::now(), deed: "pack prepared", area_code: AREA.into(), ..Deed::default() };
        let good = NewMessage { kind: MessageKind::PackWaits, ..to_the_board(&service, "") };
        let bad = NewMessage { person: u32::MAX, ..good };
        let before = store.audit_head().unwrap();
        assert!(store.prepare_draft(&draft, &[good, bad], &deed).is_err());
        assert!(messages(&service).is_empty() && store.drafts(AREA).unwrap().is_empty());
        assert_eq!(store.audit_head().unwrap(), before);
        store.prepare_draft(&draft, &[good, good], &deed).unwrap();
        assert_eq!(messages(&service).len(), 1, "nobody is told of one thing twice");
    });
}

#[test]
fn a_public_pack_goes_with_its_message_and_a_restricted_one_as_a_link() {
    let site = example();
    let (service, server) = (with_post(&site), FakeServer::start(TlsWay::Implicit));
    for edition in [Edition::Restricted, Edition::Public] {
        let served = site_of(with_post_at(&site, service.clock.clone()));
        let manager = site.as_person("manager@example.org").before(&served);
        let fields =
            [("edition", edition.name()), ("release", "at once"), ("override_reason", "The board meets")];
        let prepared = manager.post(&format!("/areas/{AREA}/2015-11/packs/prepare"), &fields);
        let place = crate::site::location(&prepared);
        let deputy = site.as_person("deputy@example.org").before(&served);
        let page = text(&deputy.get(&place));
        let seen = &page.split("name=\"manifest_sha256\" value=\"").nth(1).unwrap()[..64];
        let approved = deputy.post(&format!("{place}/approve"), &[("manifest_sha256", seen)]);
        assert_eq!(approved.status, 303, "{}", text(&approved));
        // The next is prepared once the month is open again.
        let open = format!("/areas/{AREA}/2015-11/packs/open");
        assert_eq!(manager.post(&open, &[("reason", "A figure was wrong")]).status, 303);
        let release = service.store().unwrap().releases(Some(AREA)).unwrap().pop().unwrap();
        assert_eq!(release.edition, edition);
        let told = service.tell_pack_released(&release, service.clock.now()).unwrap();
        assert_eq!(told.len(), 1, "the board has one member");
        write(&service, told[0].new_message());
        let statement = service.tell_statement_released(&release, service.clock.now()).unwrap();
        assert!(statement[0].body.contains(&format!("{PUBLIC_URL}/areas/{AREA}/2015-11/incentive")));
        assert!(statement[0].body.contains("you are an alliance member in Buckinghamshire"));
        send_all(&service, &server);
    }
    let came = server.came();
    let to_the_board: Vec<_> = came.iter().filter(|came| came.to.contains("board@")).collect();
    let (restricted, public) = (to_the_board[0], to_the_board[1]);
    let link = |version: u32| format!("{PUBLIC_URL}/areas/{AREA}/packs/2015-11/{version}");
    let plain = |text: &str| text.replace("=\r\n", "");
    assert!(!restricted.text.contains("application/pdf"));
    assert!(plain(&restricted.text).contains(&link(2)), "{}", restricted.text);
    assert!(public.text.contains("Content-Type: application/pdf"));
    assert!(public.text.contains("filename=\"E10000002-2015-11-v3-pack.pdf\""));
    assert!(plain(&public.text).contains("It is attached as a PDF."));
}

#[test]
fn a_link_is_sent_to_whoever_has_the_address_and_kept_nowhere() {
    on_each_database(|site| {
        let (service, server) = (with_post(site), FakeServer::start(TlsWay::Implicit));
        let clock = service.clock.clone();
        let link = service
            .make_link(By::Operator, &asking(clock.now()), person(&service, "board@example.org"))
            .unwrap();
        send_all(&service, &server);
        let served = site_of(with_post_at(site, clock.clone()));
        let browser = site.browser().before(&served);
        let set = browser.post(&link, &[("name", "Jean"), ("password", "vexingly brisk otter")]);
        assert_eq!(set.status, 303, "{}", text(&set));
        clock.put_forward(TimeDelta::minutes(20));
        let stranger = site.browser().before(&served);
        let known = text(&stranger.post("/recover", &[("email", "board@example.org")]));
        let unknown = text(&stranger.post("/recover", &[("email", "nobody@example.org")]));
        assert_eq!(known, unknown, "the answer does not tell who has an account");
        assert!(known.contains("a message with a link is on its way"), "{known}");
        let again = text(&stranger.post("/recover", &[("email", "board@example.org")]));
        assert_eq!(again, known);
        // The alliance's member has no password: there is none to forget.
        stranger.post("/recover", &[("email", "alliance@example.org")]);
        assert_eq!(send_all(&service, &server), 1, "nobody is sent one again and again");
        let came = server.came().pop().unwrap();
        assert!(came.to.contains("board@example.org"));
        let body = came.text.replace("=\r\n", "");
        let path = body.split(PUBLIC_URL).nth(1).unwrap().split_whitespace().next().unwrap();
        assert!(path.starts_with("/links/"), "{body}");
        let kept = messages(&service).pop().unwrap();
        assert_eq!((kept.kind, kept.state), (MessageKind::Recovery, MessageState::Sent));
        assert!(kept.body.is_empty() && !format!("{kept:?}").contains(&path[7..]), "{kept:?}");
        assert_eq!(stranger.get(path).status, 200, "the link opens");
        let administrator = site.as_person("administrator@example.org").before(&served);
        let page = text(&administrator.get(&format!("/messages/{}", kept.number)));
        assert!(page.contains("only its recipient reads it") && !page.contains("/links/"), "{page}");
        let again = administrator.post(&format!("/messages/{}/again", kept.number), &[]);
        assert_eq!(again.status, 403, "its text is gone");
    });
}

#[test]
fn a_link_that_was_replaced_is_not_sent_any_more_and_without_a_mail_server_none_is_written() {
    let site = example();
    let (service, server) = (with_post(&site), FakeServer::start(TlsWay::Implicit));
    let board = person(&service, "board@example.org");
    for _ in 0..2 {
        service.make_link(By::Operator, &asking(service.clock.now()), board).unwrap();
    }
    send_all(&service, &server);
    let states: Vec<MessageState> = messages(&service).iter().map(|message| message.state).collect();
    assert_eq!(states, [MessageState::Withheld, MessageState::Sent]);
    assert!(messages(&service).iter().all(|message| message.body.is_empty()));
    site.site.service.make_link(By::Operator, &asking(demo::now()), board).unwrap();
    assert_eq!(messages(&service).len(), 2);
}
