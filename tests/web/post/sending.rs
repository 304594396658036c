//! Sending, with every fault that a mail server can have.

use super::{
    mail_server::{FakeServer, Fault},
    messages, person, prepare, send_all, to_the_board, with_post, with_post_at, write,
};
use crate::{
    jobs::tamper,
    site::{example, on_each_database},
};
use chrono::TimeDelta;
use outturn::{
    clock::Clock,
    demo,
    digest::{hex, sha256},
    post::{Carrier, MailServer, TlsWay},
    service::Service,
    store::{Deed, MessageState},
};
use std::{thread, time::Instant};

#[test]
fn a_message_is_written_with_what_it_announces_and_sent_once_through_tls() {
    on_each_database(|site| {
        let (service, server) = (with_post(site), FakeServer::start(TlsWay::StartTls));
        prepare(&service);
        let waiting = messages(&service);
        let told: Vec<u32> = waiting.iter().map(|message| message.person).collect();
        assert_eq!(told, [person(&service, "deputy@example.org")], "whoever prepared it is not told");
        assert_eq!((waiting[0].state, waiting[0].subject.as_str()), (MessageState::Waiting, "draft 1"));
        assert_eq!(send_all(&service, &server), 1);
        assert_eq!(send_all(&service, &server), 0, "it is sent once");
        let came = server.came();
        assert_eq!(came.len(), 1);
        assert_eq!(came[0].from, "MAIL FROM:<outturn@council.example>");
        assert_eq!(came[0].to, "RCPT TO:<deputy@example.org>");
        assert_eq!(came[0].header("Auto-Submitted"), "auto-generated");
        let clear = server.in_clear();
        assert!(clear.iter().all(|line| line.starts_with("EHLO ") || line == "STARTTLS"), "{clear:?}");
        let sent = &messages(&service)[0];
        assert_eq!(came[0].header("Message-ID"), format!("<{}>", sent.message_id));
        assert!(sent.message_id.ends_with("@council.example"), "{}", sent.message_id);
        assert_eq!(sent.state, MessageState::Sent);
        assert_eq!(sent.sent_to, "deputy@example.org");
        assert_eq!(sent.told, "250 2.0.0 queued as 4711");
        assert!(sent.sent_at.is_some());
        let as_sent = came[0].text.trim_end_matches("\r\n.\r\n");
        let whole = [as_sent, "\r\n"].concat();
        assert!([as_sent, &whole].iter().any(|text| hex(&sha256(text.as_bytes())) == sent.sha256));
    });
}

fn is_cut(fault: Fault) -> bool {
    matches!(fault, Fault::Closed | Fault::CutAfterData)
}

#[test]
fn what_cannot_be_handed_over_waits_and_goes_out_under_the_same_name_and_nothing_goes_in_clear() {
    for (fault, words) in [
        (Fault::Closed, "connecting"),
        (Fault::NoStartTls, "nothing is sent in clear"),
        (Fault::WrongName, "starting TLS"),
        (Fault::WrongAuthority, "starting TLS"),
        (Fault::Says("MAIL", "451 4.7.1 try later"), "try later"),
        (Fault::Says("MAIL", "550 5.7.1 not from you"), "not from you"),
        (Fault::Says("RCPT", "450 4.2.0 greylisted"), "greylisted"),
        (Fault::Says("DATA", "451 4.3.0 full"), "full"),
        (Fault::Says("DATA", "250 2.1.5 ok"), "out of step"),
        (Fault::Says(".", "354 go on"), "out of step"),
        (Fault::Says(".", "452 4.3.1 disk full"), "disk full"),
        (Fault::CutAfterData, "the server may have it"),
    ] {
        let site = example();
        let (service, server) = (with_post(&site), FakeServer::start(TlsWay::StartTls));
        write(&service, to_the_board(&service, "2015-11, version 1"));
        server.next(&[fault]);
        assert_eq!(send_all(&service, &server), 1, "{fault:?}");
        let waits = &messages(&service)[0];
        assert_eq!(waits.state, MessageState::Waiting, "{fault:?}: {}", waits.told);
        assert!(waits.told.contains(words), "{fault:?}: {}", waits.told);
        assert_eq!(
            waits.told.contains("the connection was lost"),
            is_cut(fault),
            "{fault:?}: {}",
            waits.told
        );
        assert!(server.came().iter().all(|came| !came.was_accepted));
        let may_have_it = matches!(fault, Fault::CutAfterData | Fault::Says(".", "354 go on"));
        assert_eq!(!waits.sha256.is_empty(), may_have_it, "what may have gone is kept: {fault:?}");
        assert_eq!(send_all(&service, &server), 0, "it is not tried at once again: {fault:?}");
        service.clock.put_forward(TimeDelta::minutes(2));
        assert_eq!(send_all(&service, &server), 1, "{fault:?}");
        let sent = &messages(&service)[0];
        assert_eq!((sent.state, sent.term), (MessageState::Sent, 2), "{fault:?}");
        assert_eq!(sent.message_id, waits.message_id);
        let came = server.came();
        let accepted: Vec<_> = came.iter().filter(|came| came.was_accepted).collect();
        assert_eq!(accepted.len(), 1, "{fault:?}");
        assert!(came.iter().all(|came| came.text == accepted[0].text), "it is the same to the byte");
        let allowed = ["EHLO", "STARTTLS", "QUIT"];
        let clear = server.in_clear();
        assert!(clear.iter().all(|line| allowed.contains(&line.split(' ').next().unwrap())), "{clear:?}");
    }
}

#[test]
fn a_server_that_is_not_there_or_says_nothing_loses_nothing() {
    let site = example();
    let service = with_post(&site);
    write(&service, to_the_board(&service, "2015-11, version 1"));
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nobody = MailServer {
        host: "localhost".into(),
        port,
        way: TlsWay::Implicit,
        user: String::new(),
        password: String::new(),
        authorities: None,
    };
    assert!(service.send_next(&Carrier::new(nobody).unwrap()).unwrap());
    let told = messages(&service)[0].told.clone();
    assert!(told.starts_with("connecting: the server cannot be reached"), "{told}");
    service.clock.put_forward(TimeDelta::minutes(2));
    let server = FakeServer::start(TlsWay::StartTls);
    server.next(&[Fault::Hangs]);
    let started = Instant::now();
    assert_eq!(send_all(&service, &server), 1);
    assert!(started.elapsed().as_secs() < 14, "{:?}", started.elapsed());
    let told = messages(&service)[0].told.clone();
    assert!(told.contains("did not answer in time"), "{told}");
    assert_eq!(messages(&service)[0].state, MessageState::Waiting);
    service.clock.put_forward(TimeDelta::minutes(4));
    send_all(&service, &server);
    assert_eq!(messages(&service)[0].state, MessageState::Sent);
}

#[test]
fn what_the_recipients_server_will_never_take_is_refused_and_not_tried_again() {
    for fault in [
        Fault::Says("RCPT", "550 5.1.1 no such person"),
        Fault::Says(".", "554 5.7.1 no such person"),
        Fault::Says("DATA", "554 5.5.1 no such person"),
    ] {
        let site = example();
        let (service, server) = (with_post(&site), FakeServer::start(TlsWay::StartTls));
        write(&service, to_the_board(&service, "2015-11, version 1"));
        server.next(&[fault]);
        send_all(&service, &server);
        let refused = &messages(&service)[0];
        assert_eq!(refused.state, MessageState::Refused, "{fault:?}");
        assert!(refused.told.contains("no such person"), "{}", refused.told);
        service.clock.put_forward(TimeDelta::days(1));
        assert_eq!(send_all(&service, &server), 0);
    }
}

#[test]
fn tls_from_the_first_byte_and_a_user_work_as_well_and_a_wrong_password_sends_nothing() {
    let site = example();
    let (service, server) = (with_post(&site), FakeServer::start(TlsWay::Implicit));
    write(&service, to_the_board(&service, "2015-11, version 1"));
    assert!(service.send_next(&server.carrier_for("outturn", "wrong")).unwrap());
    assert!(messages(&service)[0].told.contains("who are you"), "{}", messages(&service)[0].told);
    assert!(server.came().is_empty());
    service.clock.put_forward(TimeDelta::minutes(2));
    server.next(&[Fault::WrongAuthority]);
    send_all(&service, &server);
    assert!(server.came().is_empty());
    service.clock.put_forward(TimeDelta::minutes(4));
    // It offers no way of signing in.
    server.next(&[Fault::Says("EHLO", "250 mail.example")]);
    assert!(service.send_next(&server.carrier_for("outturn", "secret")).unwrap());
    let told = messages(&service)[0].told.clone();
    assert!(told.starts_with("signing in: the server offers no way to do this"), "{told}");
    service.clock.put_forward(TimeDelta::minutes(8));
    assert!(service.send_next(&server.carrier_for("outturn", "secret")).unwrap());
    assert_eq!(messages(&service)[0].state, MessageState::Sent);
    assert!(server.in_clear().is_empty());
}

#[test]
fn after_eight_tries_a_message_has_failed_until_somebody_asks_again() {
    on_each_database(|site| {
        let (service, server) = (with_post(site), FakeServer::start(TlsWay::StartTls));
        write(&service, to_the_board(&service, "2015-11, version 1"));
        server.next(&[Fault::Closed; 8]);
        let mut tries = 0;
        for _ in 0..12 {
            tries += send_all(&service, &server);
            service.clock.put_forward(TimeDelta::minutes(80));
        }
        assert_eq!(tries, 8);
        assert_eq!(messages(&service)[0].state, MessageState::Failed);
        let deed = Deed { at: service.clock.now(), deed: "message sent again", ..Deed::default() };
        service.store().unwrap().send_again(1, &deed).unwrap();
        assert!(service.store().unwrap().send_again(1, &deed).is_err(), "it waits by then");
        assert_eq!(send_all(&service, &server), 1);
        let sent = &messages(&service)[0];
        assert_eq!((sent.state, sent.tries()), (MessageState::Sent, 1));
    });
}

#[test]
fn a_message_that_cannot_be_written_fails_after_eight_tries_and_the_others_go_out() {
    on_each_database(|site| {
        let (service, server) = (with_post(site), FakeServer::start(TlsWay::StartTls));
        // The file that goes with the first cannot be read.
        for statement in [
            "INSERT INTO release SELECT area_code, as_at, version, published_at, 'public' FROM publication",
            "UPDATE publication_file SET encoding = 'zlib', content = 'no' WHERE path = 'pack.pdf'",
        ] {
            tamper(site, statement);
        }
        write(&service, to_the_board(&service, "2015-11, version 1"));
        write(&service, to_the_board(&service, "2015-10, version 1"));
        let mut tries = send_all(&service, &server);
        let [first, second] = &messages(&service)[..] else { panic!() };
        assert_eq!((first.state, second.state), (MessageState::Waiting, MessageState::Sent));
        assert!(first.told.contains("could not write it"), "{first:?}");
        for _ in 0..10 {
            service.clock.put_forward(TimeDelta::minutes(80));
            tries += send_all(&service, &server);
        }
        let failed = &messages(&service)[0];
        assert_eq!((tries, failed.state, failed.term), (1 + 8, MessageState::Failed, 8));
        assert_eq!(server.came().len(), 1);
    });
}

#[test]
fn a_message_whose_sender_is_never_heard_of_again_has_failed_after_eight() {
    on_each_database(|site| {
        let service = with_post(site);
        write(&service, to_the_board(&service, "2015-11, version 1"));
        let take = || {
            service.clock.put_forward(TimeDelta::minutes(4));
            service.store().unwrap().take_message("council.example", service.clock.now()).unwrap()
        };
        for tries in 1..=8 {
            assert_eq!(take().unwrap().tries(), tries);
        }
        assert_eq!(take(), None);
        let failed = &messages(&service)[0];
        assert_eq!(failed.state, MessageState::Failed);
        assert!(!failed.was_asked_for_again() && failed.told.contains("not heard of"), "{failed:?}");
        assert_eq!(take(), None);
    });
}

#[test]
fn eight_threads_of_two_services_send_each_of_a_hundred_messages_once() {
    on_each_database(|site| {
        let (one, other) = (with_post(site), with_post(site));
        let server = FakeServer::start(TlsWay::Implicit);
        for number in 0..100 {
            write(&one, to_the_board(&one, &format!("2015-11, version {number}")));
        }
        thread::scope(|scope| {
            for service in [&one, &other].into_iter().cycle().take(8) {
                scope.spawn(|| send_all(service, &server));
            }
        });
        let came = server.came();
        let mut names: Vec<&str> = came.iter().map(|came| came.header("Message-ID")).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!((came.len(), names.len()), (100, 100));
        assert!(
            messages(&one).iter().all(|message| message.state == MessageState::Sent && message.term == 1)
        );
    });
}

#[test]
fn a_sender_that_comes_back_too_late_ends_nothing() {
    on_each_database(|site| {
        let (service, server) = (with_post(site), FakeServer::start(TlsWay::Implicit));
        write(&service, to_the_board(&service, "2015-11, version 1"));
        let now = service.clock.now();
        let taken = service.store().unwrap().take_message("council.example", now).unwrap().unwrap();
        assert_eq!(send_all(&service, &server), 0, "it is somebody else's for three minutes");
        service.clock.put_forward(TimeDelta::minutes(3) + TimeDelta::seconds(1));
        assert_eq!(send_all(&service, &server), 1);
        let late = outturn::store::MessageEnd {
            state: MessageState::Failed,
            free_from: now,
            told: "late",
            handed_over: None,
            is_emptied: false,
        };
        assert!(service.store().unwrap().end_message(&taken, &late).is_err());
        assert_eq!(messages(&service)[0].state, MessageState::Sent);
        assert_eq!(messages(&service)[0].message_id, taken.message_id);
    });
}

#[test]
fn the_sending_thread_sends_and_stops() {
    let site = example();
    let server = FakeServer::start(TlsWay::Implicit);
    let service: std::sync::Arc<Service> = with_post_at(&site, Clock::starting_at(demo::now())).into();
    write(&service, to_the_board(&service, "2015-11, version 1"));
    let sending = outturn::service::post::sender::SendingThread::start(
        std::sync::Arc::clone(&service),
        server.carrier(),
    );
    let started = Instant::now();
    while messages(&service)[0].state != MessageState::Sent && started.elapsed().as_secs() < 20 {
        thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!(messages(&service)[0].state, MessageState::Sent);
    sending.stop(std::time::Duration::from_secs(10));
    write(&service, to_the_board(&service, "2015-11, version 2"));
    thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(server.came().len(), 1);
}
