//! Lists in the shape of the appliance's own export (`docs/asyncos.md`, "Semantics"): `user, BLOCKED, sender, sender`, one
//! line for each mailbox and list. A file that a spreadsheet can open without doing what somebody wrote into a list.

use crate::cli::{ExitStatus, Failure};
use crate::model::{ListKind, escape_control};
use crate::report::{ListPage, ListRow};

/// What a spreadsheet takes for the begin of a formula, in either width, and what an appliance's file begins a comment with.
const MEANT_OTHERWISE: [char; 9] = [
    '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '#',
];

/// A file, and how many values are not as they stand on the list.
#[derive(Debug)]
pub(super) struct File {
    pub(super) text: String,
    pub(super) altered: usize,
}

/// The lists of an appliance by recipient, those of a mailbox below each other.
pub(super) fn file(read: &[ListPage]) -> Result<File, Failure> {
    let comments = read.iter().map(|page| {
        let appliance = escape_control(&page.appliance);
        format!(
            "# {} of {appliance}, read by doorlist at {}\n",
            page.list, page.read_at
        )
    });
    let mut file = File {
        text: comments.collect(),
        altered: 0,
    };
    let mut rows: Vec<(&ListRow, ListKind)> = read
        .iter()
        .flat_map(|page| page.rows.iter().map(|row| (row, page.list)))
        .collect();
    rows.sort_by_key(|(row, list)| (&row.key, &row.entry, *list));
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for (row, list) in rows {
        let word = match list {
            ListKind::Blocklist => "BLOCKED",
            ListKind::Safelist => "SAFE",
        };
        let mut fields = vec![file.cell(&row.entry), format!(" {word}")];
        for pair in &row.pairs {
            let cell = file.cell(&pair.entry);
            // A quoted cell begins at its comma, else the quotation marks would be part of it.
            let is_quoted = cell.contains(['"', ',']);
            fields.push(if is_quoted { cell } else { format!(" {cell}") });
        }
        writer.write_record(&fields).map_err(failed)?;
    }
    let lines = writer.into_inner().map_err(failed)?;
    file.text.push_str(&String::from_utf8_lossy(&lines));
    Ok(file)
}

impl File {
    fn cell(&mut self, value: &str) -> String {
        let mut cell = escape_control(value);
        if cell.trim_start().starts_with(MEANT_OTHERWISE) {
            cell.insert(0, '\'');
        }
        self.altered += usize::from(cell != value);
        cell
    }
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::new(
        ExitStatus::Failed,
        format!("the export could not be made: {error}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::View;
    use crate::report::{ListCounts, ListPair};

    fn page(list: ListKind, rows: &[(&str, &[&str])]) -> ListPage {
        let pair = |entry: &&str| ListPair {
            entry: (*entry).to_owned(),
            guard: None,
            ours: None,
        };
        ListPage {
            text: String::new(),
            appliance: "esa-1".to_owned(),
            list,
            view: View::Recipient,
            read_at: "2026-11-25T03:00:00Z".to_owned(),
            digest: String::new(),
            total: ListCounts::default(),
            matching: ListCounts::default(),
            senders_refused: 0,
            senders_not_judged: 0,
            rows: rows
                .iter()
                .map(|(mailbox, senders)| ListRow {
                    entry: (*mailbox).to_owned(),
                    key: mailbox.to_lowercase(),
                    guard: None,
                    pairs: senders.iter().map(pair).collect(),
                })
                .collect(),
            next: None,
        }
    }

    const BLOCKED: [(&str, &[&str]); 4] = [
        (
            "#root@example.com",
            &[
                "=HYPERLINK(\"http://bad.example\",\"x\")",
                "\u{ff1d}1+1",
                "a\nb.example",
            ],
        ),
        ("c=us;a=;p=test;g=joe;", &["black2@x.example"]),
        (
            "U1@example.com",
            &["a.example", "\"b, c\"@x.example", " +d@x.example", "'e@x.example"],
        ),
        (
            "u2@example.com",
            &["-f.example", "@g.example", "\u{202e}h.example"],
        ),
    ];
    const SAFE: [(&str, &[&str]); 1] = [("U1@example.com", &["good.example", "[192.0.2.1]"])];

    #[test]
    fn the_file_is_the_appliances_own_shape_and_holds_no_formula() {
        let file = file(&[
            page(ListKind::Blocklist, &BLOCKED),
            page(ListKind::Safelist, &SAFE),
        ])
        .unwrap();
        let expected = concat!(
            "# blocklist of esa-1, read by doorlist at 2026-11-25T03:00:00Z\n",
            "# safelist of esa-1, read by doorlist at 2026-11-25T03:00:00Z\n",
            "'#root@example.com, BLOCKED,\"'=HYPERLINK(\"\"http://bad.example\"\",\"\"x\"\")\", '\u{ff1d}1+1, a\\u{a}b.example\n",
            "c=us;a=;p=test;g=joe;, BLOCKED, black2@x.example\n",
            "U1@example.com, BLOCKED, a.example,\"\"\"b, c\"\"@x.example\", ' +d@x.example, 'e@x.example\n",
            "U1@example.com, SAFE, good.example, [192.0.2.1]\n",
            "u2@example.com, BLOCKED, '-f.example, '@g.example, \\u{202e}h.example\n",
        );
        assert_eq!(file.text, expected);
        assert_eq!(file.altered, 8);
    }

    #[test]
    fn a_reader_of_csv_gets_every_value() {
        let pages = [page(ListKind::Blocklist, &BLOCKED[1..3])];
        let file = file(&pages).unwrap();
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .comment(Some(b'#'))
            .trim(csv::Trim::All)
            .from_reader(file.text.as_bytes());
        let rows: Vec<Vec<String>> = reader
            .records()
            .map(|record| record.unwrap().iter().map(str::to_owned).collect())
            .collect();
        assert_eq!(
            rows,
            [
                vec!["c=us;a=;p=test;g=joe;", "BLOCKED", "black2@x.example"],
                vec![
                    "U1@example.com",
                    "BLOCKED",
                    "a.example",
                    "\"b, c\"@x.example",
                    "' +d@x.example",
                    "'e@x.example"
                ],
            ]
        );
    }
}
