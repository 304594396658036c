//! Proposing a plan, seeing what it changes, approving it.

use crate::site::{
    AREA, Browser, example, example_of, location, on_each_database, text, without_form_tokens,
};
use outturn::{
    people::{Role, RoleHeld},
    service::people::By,
    store::Deed,
    web::answer::Answer,
};

fn table(name: &str) -> String {
    let (_, bytes) = outturn::demo::plan_files().into_iter().find(|(file, _)| *file == name).unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Proposes one table of the example's plan, changed.
fn propose(browser: &Browser, name: &str, change: impl Fn(String) -> String) -> Answer {
    let fields = [("note", "A later agreement"), ("keeps", "yes")];
    browser.upload("/plan/propose", &fields, ("files", name, change(table(name)).as_bytes()))
}

fn renamed(pools: String) -> String {
    pools.replacen("Integrated", "Joined-up", 1)
}

fn shown_hash(page: &str) -> String {
    let field = page.split("name=\"sha256\" value=\"").nth(1).unwrap_or_else(|| panic!("{page}"));
    field[..64].to_owned()
}

#[test]
fn a_changed_plan_takes_effect_when_somebody_else_approves_it() {
    on_each_database(|site| {
        let manager = site.as_person("manager@example.org");
        let proposed = propose(&manager, "targets.csv", |targets| {
            targets.replace(",2015-11,NEA,679", ",2015-11,NEA,600")
        });
        assert_eq!(location(&proposed), "/plan/proposals/1", "{}", text(&proposed));
        let page = text(&manager.get("/plan/proposals/1"));
        assert!(page.contains("<del>679</del> <ins>600</ins>"), "{page}");
        assert!(page.contains("figures change") && !page.contains("Approve the plan"), "{page}");
        let effect = text(&manager.get(&format!("/plan/proposals/1/areas/{AREA}")));
        assert!(effect.contains("Year to date target"), "{effect}");
        let approve = "/plan/proposals/1/approve";
        assert_eq!(manager.post(approve, &[("sha256", &"00".repeat(32))]).status, 403);
        let deputy = site.as_person("deputy@example.org");
        let hash = shown_hash(&text(&deputy.get("/plan/proposals/1")));
        assert_eq!(deputy.post(approve, &[("sha256", &"00".repeat(32))]).status, 409);
        assert_eq!(site.site.service.plan().unwrap().edition, 1);
        assert_eq!(deputy.post(approve, &[("sha256", &hash)]).status, 303);
        assert_eq!(site.site.service.plan().unwrap().edition, 2);
        assert_eq!(deputy.post(approve, &[("sha256", &hash)]).status, 409);
        let old = manager.get("/plan/editions/1/targets.csv");
        assert_eq!(old.body, table("targets.csv").as_bytes());
    });
}

#[test]
fn a_proposal_that_another_edition_has_overtaken_is_a_conflict() {
    on_each_database(|site| {
        let manager = site.as_person("manager@example.org");
        assert_eq!(propose(&manager, "pools.csv", renamed).status, 303);
        let other = propose(&manager, "pools.csv", |pools| pools.replacen("Integrated", "Shared", 1));
        assert_eq!(other.status, 303);
        let administrator = site.as_person("administrator@example.org");
        let hashes: Vec<String> = (1..=2)
            .map(|number| shown_hash(&text(&administrator.get(&format!("/plan/proposals/{number}")))))
            .collect();
        let approve = |number: usize| {
            let place = format!("/plan/proposals/{number}/approve");
            administrator.post(&place, &[("sha256", &hashes[number - 1])]).status
        };
        assert_eq!(approve(1), 303);
        assert_eq!(approve(2), 409);
        assert!(text(&manager.get("/plan/proposals/2")).contains("Out of date"));
        assert_eq!(manager.post("/plan/proposals/2/withdraw", &[]).status, 303);
        assert!(text(&manager.get("/plan")).contains("Withdrawn"));
    });
}

#[test]
fn everything_that_is_wrong_with_a_plan_is_told_and_nothing_is_kept() {
    let site = example();
    let manager = site.as_person("manager@example.org");
    let refused = propose(&manager, "bands.csv", |bands| bands.replace(",10000", ",x").replace("over", "up"));
    let page = text(&refused);
    assert_eq!(refused.status, 422);
    assert!(page.contains("<title>Error: ") && page.matches("bands, row").count() > 1, "{page}");
    // So is everything where there is very much of it.
    let refused = propose(&manager, "pools.csv", |pools| {
        let wide = format!("{AREA},POOL9,Another,too,wide\n").repeat(1_500);
        format!("{}\n{wide}", pools.trim_end())
    });
    let page = text(&refused);
    assert_eq!(refused.status, 422);
    assert!(page.contains("more cells than there are headings") && page.contains("the plan: "), "{page}");
    let same = propose(&manager, "pools.csv", |pools| pools);
    assert!(text(&same).contains("same as the present edition"));
    let none = manager.post("/plan/propose", &[("note", "Nothing")]);
    assert!(text(&none).contains("Select a workbook"));
    assert!(text(&manager.get("/plan")).contains("No plan has been proposed"));
}

#[test]
fn administrators_see_what_a_plan_changes_but_no_areas_figures() {
    let site = example();
    let administrator = site.as_person("administrator@example.org");
    assert_eq!(propose(&administrator, "pools.csv", renamed).status, 303);
    let page = text(&administrator.get("/plan/proposals/1"));
    assert!(page.contains("pool_name") && !page.contains("What it does to figures"), "{page}");
    assert_eq!(administrator.get(&format!("/plan/proposals/1/areas/{AREA}")).status, 404);
    for (reader, status) in [("auditor", 200), ("board", 404), ("officer.council", 404), ("alliance", 404)] {
        let browser = site.as_person(&format!("{reader}@example.org"));
        assert_eq!(browser.get("/plan/proposals/1").status, status, "{reader}");
        let post = browser.post("/plan/proposals/1/withdraw", &[]);
        assert_eq!(post.status, 404, "{reader}");
    }
}

/// Where else there are areas, what a plan changes in one alone is not there for those of another.
#[test]
fn a_proposal_for_other_areas_is_not_there_for_whoever_reads_none_of_them() {
    const OTHER: &str = "E06000099";
    let site = example_of(&[AREA, OTHER]);
    let service = &site.site.service;
    // The deputy manages the other area alone, the auditor audits the first alone.
    for (email, role, area) in
        [("deputy", Role::PooledBudgetManager, OTHER), ("auditor", Role::Auditor, AREA)]
    {
        let person = service.person_by_email(By::Operator, &format!("{email}@example.org")).unwrap();
        let held = RoleHeld { role, area_code: Some(area.into()), partner_id: None };
        let deed = Deed { at: outturn::demo::now(), deed: "roles set", ..Deed::default() };
        service.change(|store| store.set_roles(person.id, &[held], &deed)).unwrap();
    }
    let administrator = site.as_person("administrator@example.org");
    let pools = service.plan().unwrap().files.iter().find(|file| file.name == "pools.csv").unwrap().clone();
    let pools = String::from_utf8(pools.bytes).unwrap();
    let changed_in = |area: &str, of: &str, to: &str| {
        let rows = pools.lines().map(|row| if row.contains(area) { row.replace(of, to) } else { row.into() });
        rows.collect::<Vec<String>>().join("\n")
    };
    let send = |browser: &Browser, note: &str, pools: &str| {
        let fields = [("note", note), ("keeps", "yes")];
        browser.upload("/plan/propose", &fields, ("files", "pools.csv", pools.as_bytes()))
    };
    let of_other = changed_in(OTHER, "Integrated", "Joined-up");
    assert_eq!(send(&administrator, "Secret of the other area", &of_other).status, 303);
    let of_both = pools.replace("Integrated", "Shared");
    assert_eq!(send(&administrator, "For both", &of_both).status, 303);

    let (manager, deputy) = (site.as_person("manager@example.org"), site.as_person("deputy@example.org"));
    let without_reference = |answer: &Answer| {
        let page = text(answer);
        (answer.status, without_form_tokens(page.split("Reference").next().unwrap()))
    };
    for reader in [&manager, &site.as_person("auditor@example.org")] {
        let list = text(&reader.get("/plan"));
        assert!(list.contains("For both") && !list.contains("Secret of the other area"), "{list}");
        assert!(!list.contains("/plan/proposals/1\""), "{list}");
        let both = text(&reader.get("/plan/proposals/2"));
        assert!(both.contains(AREA) && !both.contains(OTHER), "{both}");
        for place in ["", &format!("/areas/{AREA}"), &format!("/areas/{OTHER}")] {
            let hidden = reader.get(&format!("/plan/proposals/1{place}"));
            let absent = reader.get(&format!("/plan/proposals/9{place}"));
            assert_eq!(without_reference(&hidden), without_reference(&absent), "{place}");
            assert_eq!(hidden.status, 404, "{place}");
        }
    }
    for deed in ["approve", "withdraw"] {
        assert_eq!(manager.post(&format!("/plan/proposals/1/{deed}"), &[("sha256", "")]).status, 404);
    }
    let system = site.system_of("manager@example.org");
    assert_eq!(system.get("/api/v1/plan/proposals/1").status, 404);
    assert_eq!(system.get(&format!("/api/v1/plan/proposals/1/effects/{AREA}")).status, 404);
    assert!(!text(&system.get("/api/v1/plan/proposals")).contains("Secret"));
    // The other area's own manager sees and approves it.
    assert!(text(&deputy.get("/plan")).contains("Secret of the other area"));
    let hash = shown_hash(&text(&deputy.get("/plan/proposals/1")));
    assert_eq!(deputy.post("/plan/proposals/1/approve", &[("sha256", &hash)]).status, 303);
    // What is wrong with a plan for other areas as well is told to nobody who may not change these.
    let without_others: Vec<&str> = pools.lines().filter(|row| !row.contains(OTHER)).collect();
    let refused = send(&manager, "For mine", &without_others.join("\n"));
    assert!(refused.status == 403 && !text(&refused).contains("schemes, row"), "{}", text(&refused));
    // Nor what is wrong with a table as a whole, which names the other area's contract.
    let rates = service.plan().unwrap().files.iter().find(|file| file.name == "rates.csv").unwrap().clone();
    let rates = String::from_utf8(rates.bytes).unwrap();
    let without_others: Vec<&str> = rates.lines().filter(|row| !row.contains(OTHER)).collect();
    let send_rates = |browser: &Browser| {
        let fields = [("note", "For mine"), ("keeps", "yes")];
        browser.upload("/plan/propose", &fields, ("files", "rates.csv", without_others.join("\n").as_bytes()))
    };
    let told = text(&send_rates(&administrator));
    assert!(told.contains("has contract") && told.contains(OTHER), "{told}");
    let refused = send_rates(&manager);
    assert!(refused.status == 403 && !text(&refused).contains(OTHER), "{}", text(&refused));
    // A misspelt area is a fault like others.
    let misspelt = format!("{}\nE1000000,POOL9,Another\n", pools.trim_end());
    let refused = send(&administrator, "For mine", &misspelt);
    assert_eq!(refused.status, 422, "{}", text(&refused));
}
