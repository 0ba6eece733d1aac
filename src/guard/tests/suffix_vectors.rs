//! The public suffix list's own test vectors (`suffix_vectors.txt`): a name is refused as a suffix exactly where they say
//! that nobody registered one, and of every other they say which was registered. Where a version of the list differs
//! from them, the name stands here.

use super::{Candidate, Guard, Rule};
use crate::guard::suffixes;
use crate::model::{EntryKey, ListKind, parse_domain};

const VECTORS: &str = include_str!("suffix_vectors.txt");
/// By its exception `!city.kobe.jp` the list makes `kobe.jp` the suffix, below which `city` is registered; these vectors
/// call `kobe.jp` itself registered. Either way it is no suffix.
const DIFFERENT: [(&str, &str); 2] = [
    ("city.kobe.jp", "city.kobe.jp"),
    ("www.city.kobe.jp", "city.kobe.jp"),
];
/// As many as there are, so that none is lost.
const VECTOR_COUNT: usize = 77;

fn vectors() -> Vec<(&'static str, Option<&'static str>)> {
    let lines = VECTORS.lines().filter(|line| !line.starts_with('#'));
    let vectors = lines.map(|line| {
        let (name, registered) = line.split_once(' ').unwrap();
        (name, (registered != "-").then_some(registered))
    });
    vectors.collect()
}

#[test]
fn names_are_suffixes_exactly_where_the_list_says_that_nobody_registered_one() {
    let (no_names, names): (Vec<_>, Vec<_>) =
        vectors().into_iter().partition(|(name, _)| name.starts_with('.'));
    assert_eq!(no_names.len() + names.len(), VECTOR_COUNT);
    // A dot at the beginning makes no name of it; the list calls that unregistered, and doorlist never lets one in.
    for (name, _) in no_names {
        assert!(parse_domain(name).is_err(), "{name}");
    }
    let guard = Guard::new([]);
    for (name, registered) in names {
        let key = EntryKey::of(name);
        let refused = suffixes::find(&Candidate::of(&key));
        assert_eq!(refused.is_some(), registered.is_none(), "{name}: {refused:?}");
        let found = suffixes::registered(key.as_str()).map(|(label, suffix)| format!("{label}.{suffix}"));
        let different = DIFFERENT.iter().find(|(different, _)| *different == name);
        let expected = different.map_or(registered, |(_, registered)| Some(registered));
        let expected = expected.map(|registered| EntryKey::of(registered).as_str().to_owned());
        assert_eq!(found, expected, "{name}");
        for list in ListKind::ALL {
            let found = guard.find_sender(&Candidate::of(&key), list);
            let is_refused = found.iter().any(|refused| refused.rule() == Rule::PublicSuffix);
            assert_eq!(is_refused, registered.is_none(), "{name} on the {list}");
        }
    }
}
