//! The messages' pages, the calendar, the interface, and messages that come back.

use super::{
    PUBLIC_URL,
    mail_server::{FakeServer, Fault},
    messages, prepare, send_all, site_of, to_the_board, with_post, with_post_at, write,
};
use crate::{
    site::{AREA, MONTH, TestSite, example, example_of, location, on_each_database, text},
    system::json,
};
use outturn::{
    post::TlsWay,
    store::{AuditQuery, MessageState, NewMessage},
};
use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Command, Stdio},
};

#[test]
fn whoever_answers_for_messages_sees_what_became_of_them_and_has_them_sent_again() {
    on_each_database(|site| {
        let (service, server) = (with_post(site), FakeServer::start(TlsWay::Implicit));
        prepare(&service);
        write(&service, to_the_board(&service, "2015-11, version 1"));
        server.next(&[Fault::None, Fault::Says("RCPT", "550 5.1.1 <nobody> here")]);
        send_all(&service, &server);
        let served = site_of(with_post_at(site, service.clock.clone()));
        let manager = site.as_person("manager@example.org").before(&served);
        let page = text(&manager.get("/messages"));
        assert!(page.contains("<strong>2 messages</strong>"), "{page}");
        assert!(page.contains("Refused") && page.contains("Councillor Jean Marsh"), "{page}");
        let refused = text(&manager.get("/messages?state=refused"));
        assert!(refused.contains("<strong>1 message</strong>"), "{refused}");
        let one = text(&manager.get("/messages/2"));
        assert!(one.contains("550") && one.contains("&lt;nobody&gt; here"), "{one}");
        assert!(one.contains("Read the pack.") && one.contains("Send again"), "{one}");
        let auditor = site.as_person("auditor@example.org").before(&served);
        assert!(!text(&auditor.get("/messages/2")).contains("Send again"));
        assert_eq!(auditor.post("/messages/2/again", &[]).status, 403);
        let again = manager.post("/messages/2/again", &[]);
        assert_eq!(location(&again), "/messages/2?done=again");
        assert!(text(&manager.get("/messages/2?done=again")).contains("is sent again as soon as"));
        assert_eq!(manager.post("/messages/2/again", &[]).status, 409);
        send_all(&service, &server);
        assert_eq!(messages(&service)[1].state, MessageState::Sent);
        let query = AuditQuery { deed: Some("message sent again".into()), ..AuditQuery::default() };
        let (entries, _) = service.store().unwrap().audit_entries(&query, 0, 10).unwrap();
        assert_eq!((entries.len(), entries[0].subject.as_str()), (1, "message 2"));
        let told = json(&site.system_of("auditor@example.org").get("/api/v1/messages?state=sent&limit=1"));
        assert_eq!((&told["items"][0]["number"], &told["next"]), (&2.into(), &"2".into()));
        assert!(told["items"][0].get("body").is_none());
    });
}

#[test]
fn managers_see_the_messages_of_their_own_area_alone() {
    let site = example_of(&[AREA, "E06000099"]);
    let service = with_post(&site);
    write(&service, NewMessage { area_code: "E06000099", ..to_the_board(&service, "2015-11, version 1") });
    write(&service, NewMessage { area_code: "", ..to_the_board(&service, "2015-11, version 2") });
    let manager = site.as_person("manager@example.org");
    assert!(text(&manager.get("/messages")).contains("There is no message yet."));
    assert!(text(&manager.get("/messages?area=E06000099")).contains("No message is like that."));
    for number in [1, 2, 3] {
        assert_eq!(manager.get(&format!("/messages/{number}")).status, 404);
        assert_eq!(manager.post(&format!("/messages/{number}/again"), &[]).status, 404);
    }
    let administrator = site.as_person("administrator@example.org");
    assert!(text(&administrator.get("/messages")).contains("<strong>2 messages</strong>"));
    let told = "No mail server is set, so nothing is sent: 2 messages wait.";
    assert!(text(&administrator.get("/messages")).contains(told));
    assert!(!text(&manager.get("/messages")).contains("messages wait"), "those of the others");
    assert_eq!(site.site.service.health().post, "no mail server is set, and 2 messages wait");
}

/// The lines of the area's calendar, as this person gets it.
fn calendar(site: &TestSite, email: &str) -> String {
    let served = site_of(with_post(site));
    let answer = site.as_person(email).before(&served).get(&format!("/areas/{AREA}/calendar.ics"));
    assert_eq!((answer.status, answer.content_type), (200, "text/calendar; charset=utf-8"));
    text(&answer).replace("\r\n ", "")
}

#[test]
fn the_calendar_tells_each_what_they_may_know() {
    let site = example();
    let board = calendar(&site, "board@example.org");
    assert!(board.contains("SUMMARY:Buckinghamshire: the board meets\r\n"), "{board}");
    assert!(board.contains("DTSTART;VALUE=DATE:20151217\r\n"), "{board}");
    assert!(
        board.contains("SUMMARY:Buckinghamshire: finance returns for November 2015 are due\r\n"),
        "{board}"
    );
    assert!(board.contains("DTSTART;VALUE=DATE:20151210\r\n") && board.contains("20160110"), "{board}");
    assert!(board.contains(&format!("URL:{PUBLIC_URL}/areas/{AREA}/{MONTH}/returns\r\n")), "{board}");
    assert!(board.contains("British Red Cross"), "{board}");
    let officer = calendar(&site, "officer.council@example.org");
    assert!(!officer.contains("British Red Cross") && !officer.contains("capitation"), "{officer}");
    assert_eq!(calendar(&site, "board@example.org"), board, "it is the same whenever it is made");
    let page = text(&site.as_person("board@example.org").get(&format!("/areas/{AREA}/{MONTH}")));
    assert!(page.contains(&format!("href=\"/areas/{AREA}/calendar.ics\"")), "{page}");
}

#[test]
fn a_return_that_is_due_is_told_to_its_partners_people_with_the_day() {
    let site = example();
    let (service, server) = (with_post(&site), FakeServer::start(TlsWay::Implicit));
    let who = outturn::service::Who {
        person: service.store().unwrap().person_by_email("manager@example.org").unwrap().unwrap(),
        session: None,
    };
    let due = service.returns_due(&who, AREA, super::month()).unwrap();
    let owed = due.rows.iter().find(|row| row.partner_id == "BHT" && row.return_type == "finance").unwrap();
    let soon = service.tell_return_due((AREA, super::month()), owed, service.clock.now()).unwrap();
    assert_eq!(soon.len(), 2, "the trust's officer and approver");
    assert!(soon[0].title.ends_with("is due on 10 December 2015"), "{}", soon[0].title);
    write(&service, soon[0].new_message());
    send_all(&service, &server);
    let came = server.came();
    assert!(came[0].text.contains("filename=\"due.ics\""), "{}", came[0].text);
    let later = service.clock.now() + chrono::TimeDelta::days(3);
    let late = service.tell_return_due((AREA, super::month()), owed, later).unwrap();
    assert!(late[0].title.ends_with("is late") && late[0].subject == soon[0].subject);
}

#[test]
fn whoever_sent_a_return_is_told_why_it_came_back() {
    on_each_database(|site| {
        let service = with_post(site);
        let served = site_of(with_post_at(site, service.clock.clone()));
        let officer = site.as_person("officer.council@example.org").before(&served);
        let sent = officer.upload(
            &format!("/areas/{AREA}/{MONTH}/returns/upload"),
            &[("action", "send"), ("comment", "Checked with the ledger")],
            ("file", "finance.csv", crate::permissions::corrected(900_000).as_bytes()),
        );
        // It asks about the row that moved.
        assert!(location(&sent).ends_with("/returns/drafts/finance?for=BCC"), "{}", location(&sent));
        let place = format!("/areas/{AREA}/{MONTH}/returns/drafts/finance");
        let sent = officer.post(&place, &[("on_behalf_of", "BCC"), ("comment", "A ward was opened")]);
        assert!(location(&sent).ends_with("/returns/1/received"), "{}", location(&sent));
        let approver = site.as_person("approver.council@example.org").before(&served);
        let place = format!("/areas/{AREA}/{MONTH}/returns/1/send-back");
        let back = approver.post(&place, &[("reason", "S08 lacks the November invoice")]);
        assert_eq!(back.status, 303, "{}", text(&back));
        let told = messages(&service);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].subject, "return 1, BCC");
        assert!(told[0].body.contains("S08 lacks the November invoice"), "{}", told[0].body);
        assert!(told[0].body.contains("Tom Baker has sent it back"), "{}", told[0].body);
    });
}

#[test]
fn a_message_that_comes_back_is_known_by_its_name() {
    let site = example();
    let (service, server) = (with_post(&site), FakeServer::start(TlsWay::Implicit));
    write(&service, to_the_board(&service, "2015-11, version 1"));
    send_all(&service, &server);
    let name = messages(&service)[0].message_id.clone();
    let notification = |name: &str| {
        format!(
            "From: MAILER-DAEMON@mail.example\r\nContent-Type: multipart/report; \
             report-type=delivery-status; boundary=x\r\n\r\n--x\r\n\r\nSorry.\r\n--x\r\n\
             Content-Type: message/delivery-status\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--x\r\n\
             Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{name}>\r\n--x--\r\n"
        )
    };
    let outturn::store::DatabaseUrl::Sqlite(path) = &site.database else { panic!("it is on SQLite") };
    let read = |text: String| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_outturn"))
            .args(["post", "bounce", "--database", &format!("sqlite:{}", path.display())])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        program.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        program.wait_with_output().unwrap()
    };
    let unknown = read(notification("1.0000000000000000@council.example"));
    assert_eq!(unknown.status.code(), Some(1));
    let known = read(notification(&name));
    assert!(known.status.success(), "{}", String::from_utf8_lossy(&known.stderr));
    let returned = &messages(&service)[0];
    assert_eq!((returned.state, returned.told.as_str()), (MessageState::Returned, "5.1.1"));
    let listed = || {
        let listed = Command::new(env!("CARGO_BIN_EXE_outturn"))
            .args(["post", "list", "--state", "returned"])
            .args(["--database", &format!("sqlite:{}", path.display())])
            .output()
            .unwrap();
        [listed.stdout, listed.stderr].map(|text| String::from_utf8(text).unwrap())
    };
    let [listing, said] = listed();
    assert!(listing.contains("returned\tpack released\tCouncillor Jean Marsh"), "{listing}");
    assert!(!said.contains("no mail server"), "none waits: {said}");
    write(&service, to_the_board(&service, "2015-11, version 2"));
    let [_, said] = listed();
    assert!(said.contains("1 message waits, and the settings read here name no mail server"), "{said}");
}

#[test]
fn the_operator_tries_the_mail_server_out() {
    let folder = tempfile::tempdir().unwrap();
    let server = FakeServer::start(TlsWay::StartTls);
    let test = || {
        Command::new(env!("CARGO_BIN_EXE_outturn"))
            .args(["post", "test", "ann@example.org"])
            .envs(server.environment(folder.path()))
            .output()
            .unwrap()
    };
    let done = test();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(String::from_utf8_lossy(&done.stdout).contains("250 2.0.0 queued as 4711"));
    assert!(server.came()[0].text.contains("Nothing needs to be done"), "{}", server.came()[0].text);
    server.next(&[Fault::NoStartTls]);
    let failed = test();
    assert_eq!(failed.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&failed.stderr).contains("nothing is sent in clear"));
}

#[test]
fn the_program_sends_what_waits_while_it_serves_and_stops_when_it_is_told_to() {
    let site = example();
    let (service, server) = (with_post(&site), FakeServer::start(TlsWay::StartTls));
    let made_at = outturn::clock::now();
    write(&service, NewMessage { made_at, ..to_the_board(&service, "2015-11, version 1") });
    let folder = tempfile::tempdir().unwrap();
    let outturn::store::DatabaseUrl::Sqlite(path) = &site.database else { panic!("it is on SQLite") };
    let mut program = Command::new(env!("CARGO_BIN_EXE_outturn"))
        .args(["serve", "--listen", "127.0.0.1:0", "--database", &format!("sqlite:{}", path.display())])
        .env("OUTTURN_MANAGEMENT_LISTEN", "")
        .envs(server.environment(folder.path()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(program.stdout.take().unwrap()).lines();
    let address = told.next().unwrap().unwrap().replace("Outturn is at http://", "");
    // Once it answers it knows what to do when it is told to stop.
    let mut asking = std::net::TcpStream::connect(address.trim_end_matches('/')).unwrap();
    asking.write_all(b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    assert!(asking.read(&mut [0; 16]).unwrap() > 0);
    let started = std::time::Instant::now();
    while messages(&service)[0].state != MessageState::Sent && started.elapsed().as_secs() < 30 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let told = Command::new("kill").arg(program.id().to_string()).status().unwrap();
    assert!(told.success() && program.wait().unwrap().success());
    assert_eq!(messages(&service)[0].state, MessageState::Sent, "{}", messages(&service)[0].told);
    assert_eq!(server.came().len(), 1);
}
