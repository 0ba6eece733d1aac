//! Many names in few words: `s[0..250].example` in commands, `s0.example .. s249.example` in what came out.
//!
//! Refuses to know what the names are of. Commands are read in `script.rs`, outputs made in `transcript.rs`.

/// Fewer names in a row than these are written one by one.
const RUN_NAMES_MIN: usize = 4;
/// A typing error must not become a million names.
const NAMES_MAX: usize = 10_000;

/// Names with commas between them; `a[0..3]b` stands for a0b, a1b and a2b. At most one range in a name.
pub fn expand(text: &str) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    for part in text.split(',').map(str::trim) {
        if part.is_empty() {
            return Err(format!(
                "`{text}` has an empty name; names stand with single commas between them"
            ));
        }
        match range(part)? {
            Some((before, from, to, after)) => {
                names.extend((from..to).map(|number| format!("{before}{number}{after}")));
            }
            None => names.push(part.to_owned()),
        }
    }
    Ok(names)
}

/// The reverse, for people: four or more names that count on become the first and the last.
pub fn compact(names: &[String]) -> String {
    let mut parts = Vec::new();
    let mut rest = names;
    while let Some(first) = rest.first() {
        let run = (0..first.len())
            .filter_map(|start| counting(first, start))
            .map(|counting| run_length(&counting, rest))
            .max()
            .unwrap_or_default()
            .max(1);
        if run >= RUN_NAMES_MIN {
            parts.push(format!("{first} .. {}", rest[run - 1]));
        } else {
            parts.extend_from_slice(&rest[..run]);
        }
        rest = &rest[run..];
    }
    parts.join(", ")
}

/// `10.0.0.[1]` is an address in brackets and no range: a range has two dots.
fn range(name: &str) -> Result<Option<(&str, usize, usize, &str)>, String> {
    let Some((before, from, to, after)) = name.split_once('[').and_then(|(before, rest)| {
        let (inside, after) = rest.split_once(']')?;
        let (from, to) = inside.split_once("..")?;
        Some((before, from, to, after))
    }) else {
        return Ok(None);
    };
    let allowed = "a range is [0..250], two numbers of which the second is not in it";
    let number = |text: &str| text.parse::<usize>().map_err(|_| format!("`{name}`: {allowed}"));
    let (from, to) = (number(from)?, number(to)?);
    if from >= to || to - from > NAMES_MAX {
        return Err(format!("`{name}` is {allowed}, and at most {NAMES_MAX} names"));
    }
    Ok(Some((before, from, to, after)))
}

/// A name around the number that begins at a byte: what stands before, the number, what stands behind.
fn counting(name: &str, start: usize) -> Option<(&str, usize, &str)> {
    let (before, rest) = (name.get(..start)?, name.get(start..)?);
    let end = rest
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(rest.len());
    let is_inside = before.ends_with(|letter: char| letter.is_ascii_digit());
    let number = rest[..end].parse().ok()?;
    (!is_inside).then_some((before, number, &rest[end..]))
}

fn run_length(&(before, from, after): &(&str, usize, &str), names: &[String]) -> usize {
    let expected = (from..).map(|number| format!("{before}{number}{after}"));
    names
        .iter()
        .zip(expected)
        .take_while(|(name, expected)| *name == expected)
        .count()
}

#[test]
fn ranges_are_expanded_and_made_short_again() {
    for (written, first, count, shown) in [
        ("a.example", "a.example", 1, "a.example"),
        (
            "s[0..3].example",
            "s0.example",
            3,
            "s0.example, s1.example, s2.example",
        ),
        ("s[0..4].example", "s0.example", 4, "s0.example .. s3.example"),
        (
            "x.example, s[9..250].example",
            "x.example",
            242,
            "x.example, s9.example .. s249.example",
        ),
        (
            "u[1..6]@h2.example.com",
            "u1@h2.example.com",
            5,
            "u1@h2.example.com .. u5@h2.example.com",
        ),
        (
            "[192.0.2.1], [192.0.2.2]",
            "[192.0.2.1]",
            2,
            "[192.0.2.1], [192.0.2.2]",
        ),
    ] {
        let names = expand(written).unwrap();
        assert_eq!((names[0].as_str(), names.len()), (first, count), "{written}");
        assert_eq!(compact(&names), shown);
    }
}

#[test]
fn what_is_no_range_is_told_with_what_is_one() {
    for (written, told) in [
        ("s[0..x].example", "a range is [0..250]"),
        ("s[5..5].example", "a range is [0..250]"),
        ("s[0..10001].example", "at most 10000 names"),
        ("a.example,, b.example", "empty name"),
        ("", "empty name"),
    ] {
        let error = expand(written).unwrap_err();
        assert!(error.contains(told), "{written}: {error}");
    }
}
