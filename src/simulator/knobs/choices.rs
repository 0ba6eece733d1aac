//! The words that a knob can be set to, each knob an enum; the first word is what the simulator assumes.
//!
//! `docs/asyncos.md`, "What the simulator assumes", has the source of each default. This file refuses to know
//! what follows from a word; that is decided where the knob is asked.

use super::super::choice::choices;

choices! {
    /// What `add` takes offence at.
    AddOnExisting {
        /// A row of its view that stands, whatever it holds.
        Row = "row",
        /// A pair that stands; the rest goes into the row.
        Pair = "pair",
        /// Nothing: what is missing is put in.
        Merge = "merge",
    }
    /// `append` of a pair that stands.
    AppendOfExistingPair {
        /// Is refused.
        Conflict = "409",
        /// Changes nothing and is fine.
        Noop = "noop",
    }
    /// `append` where no row stands.
    AppendOnMissingRow {
        /// Makes the row.
        Create = "create",
        /// Is refused.
        NotFound = "404",
    }
    /// `edit` where no row stands.
    EditOnMissingRow {
        /// Is refused.
        NotFound = "404",
        /// Makes the row.
        Create = "create",
    }
    /// A request in which some pairs are refused.
    BatchWithConflict {
        /// Nothing of it is applied.
        Atomic = "atomic",
        /// The rest is applied; the status is the refusal's all the same.
        Partial = "partial",
    }
    /// A deletion of something that is not there.
    DeleteOfAbsent {
        /// Is fine, and lowers the count.
        Taken = "200",
        /// Is refused; with `batch_with_conflict` on `partial` the rest is deleted.
        NotFound = "404",
    }
    /// What the `totalCount` of a deletion counts.
    DeleteCount {
        /// Rows that were deleted.
        Rows = "rows",
        /// Pairs that were deleted.
        Pairs = "pairs",
    }
    /// A pair that stands on the other list.
    OtherList {
        /// Is refused.
        Conflict = "409",
        /// Is refused as a bad request.
        BadRequest = "400",
        /// Is taken.
        Allow = "allow",
    }
    /// The status of what would pass the limit.
    OverLimit {
        /// Bad request.
        BadRequest = "400",
        /// Conflict.
        Conflict = "409",
        /// Too large.
        TooLarge = "413",
    }
    /// The status of an entry that the appliance does not take.
    BadEntryStatus {
        /// Bad request.
        BadRequest = "400",
        /// Not found.
        NotFound = "404",
    }
    /// An unknown name in the query of a view.
    UnknownQueryOnGet {
        /// Is refused.
        NotFound = "404",
        /// Is ignored.
        Ignored = "ignored",
    }
    /// Any name in the query of a write, POST or DELETE.
    UnknownQueryOnPost {
        /// Is ignored.
        Ignored = "ignored",
        /// Is refused.
        NotFound = "404",
    }
    /// A view with one of `offset` and `limit`, or of `orderBy` and `orderDir`, without the other.
    LonePageParameter {
        /// Shows no rows.
        Empty = "empty",
        /// Shows rows as if it were not there.
        Ignored = "ignored",
    }
    /// How an error comes to its caller.
    ErrorFraming {
        /// `Content-Length` and `Connection: close`.
        Length = "length",
        /// Without a length; the body ends with the connection.
        Eof = "eof",
        /// Not at all: the connection is reset.
        Rst = "rst",
        /// With the message as the reason phrase of the status line.
        Reason = "reason",
        /// With an HTML page for a body.
        Html = "html",
    }
    /// The JSON type of an error's `code`.
    ErrorCode {
        /// `"404"`
        String = "string",
        /// `404`
        Integer = "integer",
    }
    /// What a token is bound to.
    TokenBinding {
        /// The user agent that logged in.
        UserAgent = "user_agent",
        /// Nothing.
        Unbound = "unbound",
    }
    /// What an append by sender is answered.
    AppendBySenderEcho {
        /// The request's own keys.
        Request = "request",
        /// `senderList` in place of `senderAddresses`, as `ThreatQuotient` prints it.
        Threatq = "threatq",
    }
    /// In which order the values of a row are shown.
    ValueOrder {
        /// In which they came.
        Stored = "stored",
        /// In none: by the seed.
        Scrambled = "scrambled",
    }
    /// Where a search looks.
    SearchFinds {
        /// At the recipient and at the senders of a row.
        RecipientOrSender = "recipient_or_sender",
        /// At the recipient alone.
        Recipient = "recipient",
    }
    /// Whether a search minds the case of letters.
    SearchCase {
        /// No, as far as ASCII goes.
        Fold = "fold",
        /// Yes.
        Exact = "exact",
    }
    /// Whether entries that differ only in the case of their letters are one entry.
    Spelling {
        /// No.
        Exact = "exact",
        /// Yes; the spelling that came first stays.
        Fold = "fold",
    }
    /// Which paths there are.
    Roots {
        /// Those below `/esa` and below `/sma`.
        Both = "both",
        /// Those below `/esa`.
        Esa = "esa",
        /// Those below `/sma`.
        Sma = "sma",
    }
}
