//! Reads rows: whole views page by page, whatever the size of a page, and the rows of the scratch recipient by the
//! fewest calls that can be trusted. Refuses to know what the rows are read for.
//!
//! A search is trusted to show the scratch recipient's rows once it has shown one in this run; until then, and where it
//! does not, the whole view is read.

use super::asker::{Asker, refuse_to_go_on};
use super::seen::Reply;
use super::stop::Stop;
use crate::appliance::wire;
use crate::model::{ListKind, Page, Read, Row, View};
use std::time::Duration;

/// As the client asks everywhere (`docs/asyncos.md`, "Reading").
pub(super) const ROWS_PER_PAGE: usize = 100;
/// Of one reading: 40,000 rows of the usual page. A list that is longer, or whose pages never end, is not for this.
const PAGES_PER_READING_MAX: usize = 400;
/// Of the whole run.
const PAGES_MAX: usize = 5_000;
/// A view that changed while its pages were turned is read once more.
const TRIES_OF_A_READING: usize = 2;
/// A page is only looked at, so it may be asked for again.
const TRIES_OF_A_PAGE: usize = 2;
/// What was accepted and does not show gets this long, as in the client's loop, and another look.
const SECOND_LOOK_AFTER: Duration = Duration::from_secs(2);

/// One whole view; inside, why it cannot be read.
pub(super) type Rows = Result<Vec<Row>, String>;

impl Asker {
    /// All rows of a view.
    pub(super) async fn view(
        &mut self,
        list: ListKind,
        view: View,
        search: Option<&str>,
    ) -> Result<Rows, Stop> {
        let mut why = String::new();
        for _ in 0..TRIES_OF_A_READING {
            match self.view_once(list, view, search).await? {
                Ok(rows) => return Ok(Ok(rows)),
                Err(reason) => why = reason,
            }
            if !self.was_let_in {
                break;
            }
        }
        Ok(Err(why))
    }

    async fn view_once(&mut self, list: ListKind, view: View, search: Option<&str>) -> Result<Rows, Stop> {
        let mut rows: Vec<Row> = Vec::new();
        let mut total = None;
        for page_number in 0..PAGES_PER_READING_MAX {
            let read = Read {
                list,
                view,
                search: search.map(str::to_owned),
                offset: rows.len(),
                limit: ROWS_PER_PAGE,
                delay_ms: 0,
            };
            let page = match self.page(&read).await? {
                Ok(page) => page,
                Err(why) => return Ok(Err(why)),
            };
            if page_number > 0 && page.total_count != total {
                return Ok(Err("it changed while it was read".to_owned()));
            }
            total = page.total_count;
            let is_last = page.rows.is_empty();
            rows.extend(page.rows);
            match total {
                Some(total) if rows.len() == total => return Ok(Ok(rows)),
                Some(total) if rows.len() > total || is_last => {
                    return Ok(Err(format!("{} rows came of {total}", rows.len())));
                }
                None if is_last => return Ok(Ok(rows)),
                _ => {}
            }
        }
        Ok(Err(format!("more than {PAGES_PER_READING_MAX} pages")))
    }

    /// One page; inside, why there is none.
    async fn page(&mut self, read: &Read) -> Result<Result<Page, String>, Stop> {
        let mut why = String::new();
        for _ in 0..TRIES_OF_A_PAGE {
            self.count_page()?;
            let request = wire::request_of_read(self.settings.root, read);
            let seen = self.look_at_page(request).await?;
            refuse_to_go_on(&seen)?;
            match seen.page(read.view) {
                Ok(page) => {
                    self.was_let_in = true;
                    return Ok(Ok(page));
                }
                Err(verdict) => why = verdict.describe(),
            }
            if seen.reply != Reply::Unclear || !self.was_let_in {
                break;
            }
        }
        Ok(Err(why))
    }

    async fn look_at_page(&mut self, request: wire::Request) -> Result<super::seen::Seen, Stop> {
        // Pages are counted apart.
        let requests = self.requests;
        let seen = self.ask("a page of a list", request).await;
        self.requests = requests;
        seen
    }

    fn count_page(&mut self) -> Result<(), Stop> {
        self.pages += 1;
        if self.pages > PAGES_MAX && !self.is_cleaning {
            return Err(Stop::TooMany(PAGES_MAX));
        }
        Ok(())
    }

    /// The rows of the scratch recipient in every spelling that shows when one is looked for.
    pub(super) async fn rows_of_scratch(&mut self, list: ListKind, spelling: &str) -> Result<Vec<Row>, Stop> {
        if self.search_is_trusted != Some(false) {
            let found = self.view(list, View::Recipient, Some(spelling)).await?;
            let ours = found.map(|rows| self.only_ours(rows));
            match (ours, self.search_is_trusted) {
                (Ok(ours), Some(true)) => return Ok(ours),
                (Ok(ours), _) if !ours.is_empty() => {
                    self.search_is_trusted = Some(true);
                    return Ok(ours);
                }
                (Ok(_), _) => {}
                (Err(_), _) => self.search_is_trusted = Some(false),
            }
        }
        let all = self.view(list, View::Recipient, None).await?;
        let ours = self.only_ours(all.map_err(Stop::Unreadable)?);
        if !ours.is_empty() && self.search_is_trusted.is_none() {
            self.search_is_trusted = Some(false);
        }
        Ok(ours)
    }

    fn only_ours(&self, rows: Vec<Row>) -> Vec<Row> {
        let rows = rows.into_iter();
        rows.filter(|row| self.names.is_scratch(&row.key)).collect()
    }

    /// What the blocklist of the scratch recipient holds; read only where something was changed since.
    pub(super) async fn own_rows(&mut self) -> Result<Vec<Row>, Stop> {
        if let Some(rows) = &self.rows {
            return Ok(rows.clone());
        }
        let recipient = self.names.recipient().to_owned();
        let rows = self.rows_of_scratch(ListKind::Blocklist, &recipient).await?;
        let mut values = rows.iter().flat_map(|row| &row.values);
        if !values.all(|sender| self.names.is_invented(sender)) {
            return Err(Stop::NotAlone(ListKind::Blocklist.word()));
        }
        self.rows = Some(rows.clone());
        Ok(rows)
    }

    /// The senders of the scratch recipient, in the order in which they show.
    pub(super) async fn own_senders(&mut self) -> Result<Vec<String>, Stop> {
        let rows = self.own_rows().await?;
        Ok(rows.into_iter().flat_map(|row| row.values).collect())
    }

    /// Whether a sender stands for the scratch recipient, after this answer to a change that named it.
    pub(super) async fn stands(&mut self, sender: &str, reply: Reply) -> Result<bool, Stop> {
        let holds = |senders: Vec<String>| senders.iter().any(|other| other == sender);
        if holds(self.own_senders().await?) {
            return Ok(true);
        }
        if reply != Reply::Yes {
            return Ok(false);
        }
        tokio::time::sleep(SECOND_LOOK_AFTER).await;
        self.rows = None;
        Ok(holds(self.own_senders().await?))
    }
}
