//! What a check against warninglists costs, as a ratio to the least that anybody could do: a walk over the labels of a name
//! with one look-up each in the hash set of the standard library. Prints ratios, times and memory; judges nothing.
//!
//!     cargo bench --bench guard

#![expect(clippy::print_stdout, reason = "it is all that a benchmark does")]
#![expect(clippy::unwrap_used, reason = "generated values are good")]

use doorlist::guard::{Guard, Level, Matching, Passed, Warninglist, Warninglists, WarninglistsBuilder};
use doorlist::model::{EntryKey, ListKind, Sender};
use std::collections::HashSet;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Checks for one figure, of different values, so that not all of them are in the processor's cache.
const CHECKS: usize = 200_000;
/// The shortest of so many is told: whatever else the machine does only makes it longer.
const REPETITIONS: usize = 7;

fn main() {
    for count in [100_000, 1_000_000] {
        let names: Vec<String> = (0..count).map(name).collect();
        let (lists, resident) = with_growth(|| warninglists(&names));
        println!("{count} names and {count} networks, 100 substrings, 40 regular expressions:");
        println!(
            "  {:.1} MB of elements, {:.1} MB more in memory",
            megabytes(lists.element_bytes()),
            resident.map_or(f64::NAN, megabytes),
        );
        let names_and_networks = lists_without_patterns(&names);
        let set: HashSet<String> = names.into_iter().collect();
        let guard = Guard::new([]).with_warninglists(lists);
        for (what, make) in [
            ("names that are on none", absent as fn(usize) -> String),
            ("names below a listed one", below),
            ("IP addresses", ip_address),
        ] {
            let values: Vec<String> = (0..CHECKS).map(make).collect();
            let keys: Vec<EntryKey> = values.iter().map(|value| EntryKey::of(value)).collect();
            let senders: Vec<Sender> = values
                .iter()
                .map(|value| Sender::parse_untyped(value).unwrap())
                .collect();
            let walk = shortest(|index| walk(&set, keys[index].as_str()));
            let check = shortest(|index| names_and_networks.hits(&keys[index]).len());
            let patterns = shortest(|index| guard.warninglists().hits(&keys[index]).len());
            let whole = shortest(|index| {
                usize::from(
                    guard
                        .clear_sender(&senders[index], ListKind::Blocklist, &Passed::default())
                        .is_ok(),
                )
            });
            let ratio = |time: Duration| time.as_secs_f64() / walk.as_secs_f64();
            println!(
                "  {what}: walk {walk:?}; names and networks {check:?}, {:.1} times; with patterns {patterns:?}, \
                 {:.1} times; the whole guard {whole:?}, {:.1} times",
                ratio(check),
                ratio(patterns),
                ratio(whole),
            );
        }
    }
}

/// Some 15 bytes long as those of the most used domains, every fourth with one label more.
fn name(number: usize) -> String {
    let more = if number.is_multiple_of(4) { "www." } else { "" };
    format!(
        "{more}name{}.{}",
        number * 7919 % 9_999_991,
        ["com", "net", "co.uk"][number % 3]
    )
}

fn absent(number: usize) -> String {
    format!("mail{}.other{}.example", number % 10, number * 31)
}

fn below(number: usize) -> String {
    format!("mail.{}", name(number % 90_000))
}

fn ip_address(number: usize) -> String {
    format!(
        "{}.{}.{}.{}",
        1 + number % 200,
        number / 7 % 256,
        number / 3 % 256,
        number % 256
    )
}

fn walk(set: &HashSet<String>, host: &str) -> usize {
    let names = std::iter::successors(Some(host), |name| name.split_once('.').map(|(_, parent)| parent));
    names.filter(|name| set.contains(*name)).count()
}

fn warninglists(names: &[String]) -> Warninglists {
    let mut builder = names_and_networks(names);
    begin(&mut builder, Matching::Substring);
    for number in 1..=100 {
        builder
            .add(number, &format!("www.simulation{number}.com"))
            .unwrap();
    }
    begin(&mut builder, Matching::Regex);
    for number in 1..=40 {
        builder
            .add(number, &format!("/^(security|noc|abuse){number}\\@.*\\..*$/i"))
            .unwrap();
    }
    builder.finish().unwrap()
}

fn lists_without_patterns(names: &[String]) -> Warninglists {
    names_and_networks(names).finish().unwrap()
}

fn names_and_networks(names: &[String]) -> WarninglistsBuilder {
    let mut builder = WarninglistsBuilder::default();
    for part in names.chunks(10_000) {
        begin(&mut builder, Matching::Hostname);
        for (line, name) in (1..).zip(part) {
            builder.add(line, name).unwrap();
        }
    }
    let count = u32::try_from(names.len()).unwrap();
    begin(&mut builder, Matching::Cidr);
    for number in 0..count {
        let address = std::net::Ipv4Addr::from_bits(number.wrapping_mul(2_654_435_769));
        builder
            .add(number, &format!("{address}/{}", 20 + number % 13))
            .unwrap();
    }
    builder
}

fn begin(builder: &mut WarninglistsBuilder, matching: Matching) {
    let list = Warninglist {
        name: "list".to_owned(),
        file: "list.json".to_owned(),
        level: Level::Note,
        matching,
        of_names: true,
        of_ip_addresses: true,
        of_mail_addresses: true,
    };
    builder.begin(list).unwrap();
}

/// For one check.
fn shortest(check: impl Fn(usize) -> usize) -> Duration {
    let time = |_| {
        let began = Instant::now();
        for index in 0..CHECKS {
            black_box(check(black_box(index)));
        }
        began.elapsed() / u32::try_from(CHECKS).unwrap()
    };
    (0..REPETITIONS).map(time).min().unwrap()
}

/// What a function makes, and by how many bytes that let the process grow, where the system tells.
fn with_growth<T>(make: impl FnOnce() -> T) -> (T, Option<usize>) {
    let before = resident();
    let made = make();
    (
        made,
        before
            .zip(resident())
            .map(|(before, after)| after.saturating_sub(before)),
    )
}

fn resident() -> Option<usize> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

#[expect(clippy::cast_precision_loss, reason = "told with one decimal")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}
