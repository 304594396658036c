//! How often a partner's system may ask.

use crate::{
    site::on_each_database,
    system::{System, json},
};
use chrono::TimeDelta;
use outturn::{
    clock::Clock,
    demo,
    packs::template::Templates,
    service::Service,
    web::{Site, answer::Answer},
};
use std::sync::Arc;

#[test]
fn a_token_that_asks_too_often_is_told_when_to_come_again_and_stands_in_nobodys_way() {
    on_each_database(|site| {
        let service =
            Service::open(&site.database, Clock::starting_at(demo::now()), Templates::built_in(), true)
                .unwrap();
        let served = Arc::new(Site::new(Arc::new(service.with_requests_a_minute(3))));
        let system = |email: &str| site.system_of(email).before(&served);
        let ask = |system: &System| system.get("/api/v1/areas");
        let (busy, other) = (system("manager@example.org"), system("manager@example.org"));
        for _ in 0..3 {
            assert_eq!(ask(&busy).status, 200);
        }
        served.service.clock.put_forward(TimeDelta::seconds(20));
        let refused = ask(&busy);
        assert_eq!((refused.status, retry_after(&refused)), (429, Some("40")));
        assert_eq!(refused.content_type, "application/problem+json");
        assert_eq!(json(&refused)["type"], "/api#too-many");
        // Neither another token of the same person nor the person's browser is held up.
        assert_eq!(ask(&other).status, 200);
        assert_eq!(site.as_person("manager@example.org").before(&served).get("/account").status, 200);
        // Whoever has no token that counts is told that, however often.
        for _ in 0..5 {
            assert_eq!(ask(&site.system_of_nobody().before(&served)).status, 401);
        }
        served.service.clock.put_forward(TimeDelta::seconds(40));
        assert_eq!(ask(&busy).status, 200);
    });
}

fn retry_after(answer: &Answer) -> Option<&str> {
    answer.headers.iter().find(|(name, _)| *name == "retry-after").map(|(_, value)| value.as_str())
}
