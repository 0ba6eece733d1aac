//! Tests: every document of `tests/samples`, and what comes of it. They were written to the shapes that
//! ThreatQ's public integrations show; those of other products are there to be refused by name.

use super::{items_of, read_as_json};
use crate::intake::{Format, read};
use std::collections::BTreeMap;

macro_rules! sample {
    ($name:literal) => {
        (
            $name,
            include_bytes!(concat!("../../../tests/samples/", $name)).as_slice(),
        )
    };
}

const MAIL: &str = "billing@example.net | Email Address | Active | 2019";
const HOST: &str = "mail.example.org | FQDN | Active | 2020";
const V4: &str = "192.0.2.25 | IP Address | Active | 2021";
const V6: &str = "2001:db8::25 | IPv6 Address | Active | 2022";

type Sample = (&'static str, &'static [u8]);

/// Samples that are read: format, and one line for each item.
const READ: [(Sample, Format, &[&str]); 10] = [
    (
        sample!("plain-batch.json"),
        Format::Plain,
        &[
            "billing@example.net | Email Address | - | -",
            "mail.example.org | FQDN | - | -",
            "192.0.2.25 | IP Address | - | -",
            "2001:db8::25 | IPv6 Address | - | -",
        ],
    ),
    (
        sample!("plain-array.json"),
        Format::Plain,
        &[
            "billing@example.net | - | - | -",
            "mail.example.org | - | - | -",
            "192.0.2.25 | - | - | -",
            "2001:db8::25 | - | - | -",
        ],
    ),
    (
        sample!("threatq-query-page.json"),
        Format::ThreatQ,
        &[MAIL, HOST, V4, V6],
    ),
    (
        sample!("threatq-ndjson.ndjson"),
        Format::ThreatQ,
        &[MAIL, HOST, V4, V6],
    ),
    (
        sample!("threatq-collection-cursor-page.json"),
        Format::ThreatQ,
        &[MAIL, HOST],
    ),
    (sample!("threatq-single.json"), Format::ThreatQ, &[MAIL]),
    (sample!("threatq-detail-with.json"), Format::ThreatQ, &[MAIL]),
    (
        sample!("threatq-post-style.json"),
        Format::ThreatQ,
        &[
            "ceo-office@example.com | Email Address | Active | -",
            "example.org | FQDN | Active | -",
        ],
    ),
    // Not promised: XSOAR's own key of the type is not read, so the type is told from the value later.
    (
        sample!("xsoar-indicators.json"),
        Format::Plain,
        &[
            "billing@example.net | - | - | -",
            "mail.example.org | - | - | -",
            "192.0.2.25 | - | - | -",
            "2001:db8::25 | - | - | -",
        ],
    ),
    // The items are wrapped, and nothing is unwrapped on a guess.
    (
        sample!("n8n-items.json"),
        Format::Plain,
        &[
            "UNREADABLE no `value`; the item has the key `json`",
            "UNREADABLE no `value`; the item has the key `json`",
        ],
    ),
];

/// The value stands under `data`, and nothing is taken from there on a guess.
const THEHIVE: Sample = sample!("thehive-observables.json");

/// Samples that are refused as a whole: code, and what the text says.
const REFUSED: [(Sample, &str, &str); 8] = [
    (
        sample!("stix-bundle-indicators.json"),
        "unknown_format",
        "STIX bundle",
    ),
    (
        sample!("stix-bundle-observables.json"),
        "unknown_format",
        "STIX bundle",
    ),
    (sample!("taxii-envelope.json"), "unknown_format", "TAXII envelope"),
    (
        sample!("opencti-stream-create.json"),
        "unknown_format",
        "OpenCTI stream event",
    ),
    (sample!("misp-event.json"), "unknown_format", "MISP event"),
    (
        sample!("misp-attributes-restsearch.json"),
        "unknown_format",
        "MISP search",
    ),
    (
        sample!("threatq-export-indicators.csv"),
        "broken_json",
        "line 1 column 1",
    ),
    (
        sample!("threatq-export-values.txt"),
        "broken_json",
        "line 1 column 1",
    ),
];

fn every_sample() -> impl Iterator<Item = Sample> {
    let read = READ.iter().map(|(sample, _, _)| *sample);
    read.chain([THEHIVE])
        .chain(REFUSED.iter().map(|(sample, _, _)| *sample))
}

#[test]
fn every_plain_and_threatq_sample_gives_its_indicators_in_order() {
    for ((name, body), format, expected) in READ {
        let intake = read_as_json(body).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(items_of(&intake), expected, "{name}");
        assert_eq!(intake.format, format, "{name}");
        let has_note = name == "threatq-collection-cursor-page.json";
        assert_eq!(!intake.notes.is_empty(), has_note, "{name}: {:?}", intake.notes);
    }
}

#[test]
fn observables_of_thehive_are_unreadable_one_by_one() {
    let intake = read_as_json(THEHIVE.1).unwrap();
    let items = items_of(&intake);
    assert_eq!(items.len(), 3);
    for item in items {
        assert!(
            item.starts_with("UNREADABLE no `value`; the item has the keys `_type`, `dataType`, `data`"),
            "{item}"
        );
    }
}

#[test]
fn samples_of_other_formats_are_refused_by_name() {
    for ((name, body), code, says) in REFUSED {
        let error = read_as_json(body).expect_err(name);
        assert_eq!(error.code(), code, "{name}");
        assert!(error.to_string().contains(says), "{name}: {error}");
    }
}

#[test]
fn every_file_of_the_folder_is_in_these_tables() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/samples");
    let mut present: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let mut told: Vec<_> = every_sample().map(|(name, _)| name.to_owned()).collect();
    present.sort_unstable();
    told.sort_unstable();
    assert_eq!(present, told);
}

/// A connection that dies leaves any beginning of a document. Whatever it is, it is answered, and nothing
/// that was cut through is taken for a whole value.
#[test]
fn any_beginning_of_any_sample_is_answered_without_a_panic() {
    let whole_lines: Vec<&str> = READ
        .iter()
        .flat_map(|(_, _, lines)| lines.iter().copied())
        .collect();
    let check = |name: &str, body: &[u8], content_type| match read(body, content_type, &BTreeMap::new()) {
        Ok(intake) => {
            for line in items_of(&intake) {
                let is_whole = line.starts_with("UNREADABLE") || whole_lines.contains(&line.as_str());
                assert!(is_whole, "{name} cut at {}: {line}", body.len());
            }
        }
        Err(error) => assert!(!error.to_string().is_empty(), "{name} cut at {}", body.len()),
    };
    for (name, body) in every_sample() {
        for length in 0..body.len() {
            // Within an indentation, every cut is the same cut; leaving them out halves the time.
            if body[..length].ends_with(b"  ") && body[length] == b' ' {
                continue;
            }
            check(name, &body[..length], None);
            // Read line by line, only what the last line is matters: a line end, or one cut in sixteen.
            if length % 16 == 0 || body[length] == b'\n' {
                check(name, &body[..length], Some("application/x-ndjson"));
            }
        }
    }
}

/// Bytes changed at places that a fixed generator picks, so that a failure can be seen again.
#[test]
fn samples_with_changed_bytes_are_answered_without_a_panic() {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % 65_536).unwrap_or_default()
    };
    let bytes = b"{}[]\",:\\\n 0-e\xff\xc3\0tn";
    for (name, body) in every_sample() {
        for round in 0..200 {
            let mut body = body.to_vec();
            for _ in 0..1 + round % 3 {
                let place = next() % body.len();
                body[place] = bytes[next() % bytes.len()];
            }
            if let Err(error) = read_as_json(&body) {
                assert!(!error.code().is_empty(), "{name}");
            }
        }
    }
}
