//! Plans and published packs.

use super::*;
use crate::store::{NewPublication, PackFile, Published, hex};

fn files(files: &[(&str, &str)]) -> Vec<(String, Vec<u8>)> {
    files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
}

fn loaded(day: u32) -> Deed {
    Deed { at: january(day), deed: "plan loaded", ..Deed::default() }
}

#[test]
fn the_same_files_are_the_same_edition_of_the_plan() {
    on_each_database(|url| {
        let mut store = Store::open(url).unwrap();
        assert_eq!(store.current_plan().unwrap(), None);
        let first = files(&[("b.csv", "2"), ("a.csv", "1")]);
        let kept = store.keep_plan(&first, &loaded(1)).unwrap();
        assert_eq!((kept.edition.number, kept.already_held), (1, false));
        // The order in which files are given does not matter; where names end and contents start does.
        let again = store.keep_plan(&files(&[("a.csv", "1"), ("b.csv", "2")]), &loaded(2)).unwrap();
        assert_eq!((&again.edition, again.already_held), (&kept.edition, true));
        let shifted = store.keep_plan(&files(&[("a.csv1", ""), ("b.csv", "2")]), &loaded(2)).unwrap();
        assert_eq!((shifted.edition.number, shifted.already_held), (2, false));
        // Going back to the first files makes them current again.
        let back = store.keep_plan(&first, &loaded(3)).unwrap();
        assert_eq!((back.edition.number, back.already_held), (3, false));
        assert_eq!(back.edition.sha256, kept.edition.sha256);
        let (edition, current) = store.current_plan().unwrap().unwrap();
        assert_eq!(edition, back.edition);
        assert_eq!(current, files(&[("a.csv", "1"), ("b.csv", "2")]));
        assert_eq!(store.plan_editions().unwrap().len(), 3);
        assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
    });
}

#[test]
fn publishing_twice_unchanged_adds_nothing() {
    on_each_database(|url| {
        let mut store = Store::open(url).unwrap();
        let page = "<p>Board pack</p>".repeat(100);
        let file = |path: &str, text: &str| PackFile {
            path: path.into(),
            sha256: sha256(text.as_bytes()),
            bytes: StoredBytes::compress(text.as_bytes()),
        };
        let first = [file("pack.html", &page), file("data/scorecard.csv", "a,b\r\n")];
        let second = [file("pack.html", "<p>Restated</p>")];
        let pack = |area_code, manifest: &[u8], files| NewPublication {
            area_code,
            as_at: month("2025-12"),
            manifest_sha256: sha256(manifest),
            plan_sha256: sha256(b"plan"),
            published_at: january(5),
            files,
        };
        let published = |version, unchanged| Published { version, unchanged };
        let (here, there) = ("E06000001", "E06000002");
        let both = [pack(here, b"1", first.as_slice()), pack(there, b"1", &first)];
        assert_eq!(
            store.publish(&both, &Deed::default()).unwrap(),
            [published(1, false), published(1, false)]
        );
        assert_eq!(store.publish(&both, &Deed::default()).unwrap(), [published(1, true), published(1, true)]);
        assert_eq!(
            store.publish(&[pack(here, b"2", &second)], &Deed::default()).unwrap(),
            [published(2, false)]
        );
        assert_eq!(
            store.publish(&[pack(here, b"1", &first)], &Deed::default()).unwrap(),
            [published(3, false)]
        );

        let versions: Vec<u32> =
            store.publications(Some(here)).unwrap().iter().map(|publication| publication.version).collect();
        assert_eq!(versions, [1, 2, 3]);
        let all = store.publications(None).unwrap();
        assert_eq!((all.len(), all[3].area_code.as_str(), all[3].as_at), (4, there, month("2025-12")));
        assert_eq!((all[0].published_at, hex(&all[0].plan_sha256)), (january(5), hex(&sha256(b"plan"))));
        let listed = store.published_files(here, month("2025-12"), 1).unwrap();
        assert_eq!(
            listed.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(),
            ["data/scorecard.csv", "pack.html"]
        );
        assert_eq!((listed[1].byte_count, listed[1].sha256), (page.len() as u64, sha256(page.as_bytes())));
        let mut kept = |version, path| store.published_file(here, month("2025-12"), version, path).unwrap();
        assert_eq!(kept(1, "pack.html").unwrap(), page.as_bytes());
        assert_eq!(kept(2, "pack.html").unwrap(), b"<p>Restated</p>");
        assert_eq!(kept(2, "data/scorecard.csv"), None);
        assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
    });
}
