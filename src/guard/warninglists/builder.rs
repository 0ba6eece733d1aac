//! Takes lists in, element by element, so that nobody has to hold a million of them at once, and says which element it
//! cannot use. Refuses to know where they come from.

use super::names::LISTS_MAX;
use super::{Matching, Warninglist, Warninglists};
use ipnet::IpNet;
use std::net::IpAddr;

/// Of all lists together. MISP's whole repository has less than four million that are of use here.
const ELEMENTS_MAX: usize = 8_000_000;
/// Of names of all lists together, on which their place in four bytes depends.
const NAME_BYTES_MAX: usize = 512 * 1024 * 1024;
/// Bits of an IPv6 address before the IPv4 address that is mapped into it (RFC 4291, section 2.5.5.2).
const MAPPED_PREFIX_BITS: u8 = 96;

/// Why an element, or all of them together, cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WarninglistMistake {
    /// Neither an address nor a network.
    #[error(
        "is neither an IP address nor a network; allowed: \"192.0.2.7\", \"192.0.2.0/24\", \"2001:db8::/32\""
    )]
    NotANetwork,
    /// `0.0.0.0/0`.
    #[error("is the network of all addresses, which would match everything")]
    EveryAddress,
    /// The end of a sentence about a regular expression.
    #[error("{0}")]
    Regex(String),
    /// The automaton would grow too large.
    #[error("is one too many: all lists together may have {count_max} substrings with {bytes_max} bytes")]
    TooManySubstrings {
        /// How many there may be.
        count_max: usize,
        /// How long they may be together.
        bytes_max: usize,
    },
    /// They take too long to compile.
    #[error("is one too many: all lists together may have {0} regular expressions")]
    TooManyRegexes(usize),
    /// Together they are too large, of which no single one is guilty.
    #[error("the regular expressions of all lists together are larger than {0} bytes when they are compiled")]
    RegexesTooLarge(usize),
    /// More than memory is meant for.
    #[error(
        "is one too many: all lists together may have {ELEMENTS_MAX} elements, and names of {NAME_BYTES_MAX} bytes"
    )]
    TooManyElements,
    /// More lists than numbers for them.
    #[error("is one list too many; {LISTS_MAX} can be held")]
    TooManyLists,
}

/// [`Warninglists`] in the making.
#[derive(Debug, Default)]
pub struct WarninglistsBuilder {
    made: Warninglists,
    element_count: usize,
}

impl WarninglistsBuilder {
    /// Begins a list, to which the elements that follow belong.
    ///
    /// # Errors
    /// There are too many.
    pub fn begin(&mut self, list: Warninglist) -> Result<(), WarninglistMistake> {
        if self.made.lists.len() == LISTS_MAX {
            return Err(WarninglistMistake::TooManyLists);
        }
        self.made.lists.push(list);
        Ok(())
    }

    /// Adds an element to the list that was begun last. An empty one is ignored, as MISP does.
    ///
    /// # Errors
    /// It cannot be used; nothing was added then.
    ///
    /// # Panics
    /// No list was begun.
    pub fn add(&mut self, line: u32, written: &str) -> Result<(), WarninglistMistake> {
        let written = written.trim();
        if written.is_empty() {
            return Ok(());
        }
        self.element_count += 1;
        if self.element_count > ELEMENTS_MAX || self.made.names.text_bytes() > NAME_BYTES_MAX {
            return Err(WarninglistMistake::TooManyElements);
        }
        let list = self.made.lists.len().checked_sub(1).expect("a list was begun");
        match self.made.lists[list].matching {
            Matching::String => self.made.names.add_string(list, line, written),
            Matching::Hostname => self.made.names.add_hostname(list, line, written),
            Matching::Cidr => self.made.networks.add(list, line, parse_network(written)?),
            Matching::Substring => self.made.patterns.add_substring(list, line, written)?,
            Matching::Regex => self.made.patterns.add_regex(list, line, written)?,
        }
        Ok(())
    }

    /// Makes them ready to judge.
    ///
    /// # Errors
    /// The patterns of all lists together are too large.
    pub fn finish(mut self) -> Result<Warninglists, WarninglistMistake> {
        self.made.names.finish();
        self.made.networks.finish();
        self.made.patterns.finish()?;
        Ok(self.made)
    }
}

/// Bits behind the prefix are cut off, which is what whoever wrote them meant: these lists are made by scripts.
fn parse_network(written: &str) -> Result<IpNet, WarninglistMistake> {
    let network = match written.split_once('/') {
        // The parser of the standard library refuses `010.0.0.1`, which some read as octal.
        None => written.parse::<IpAddr>().map(IpNet::from).ok(),
        Some((address, bits)) => address
            .parse::<IpAddr>()
            .ok()
            .zip(bits.parse::<u8>().ok())
            .and_then(|(address, bits)| IpNet::new(address, bits).ok()),
    };
    let network = unmapped(network.ok_or(WarninglistMistake::NotANetwork)?.trunc());
    if network.prefix_len() == 0 {
        return Err(WarninglistMistake::EveryAddress);
    }
    Ok(network)
}

/// Entries are known by their IPv4 address wherever they have one. A wider network is one of IPv6.
pub(super) fn unmapped(network: IpNet) -> IpNet {
    match (network.addr().to_canonical(), network.prefix_len()) {
        (address @ IpAddr::V4(_), bits) if network.addr().is_ipv6() => {
            let bits = bits.checked_sub(MAPPED_PREFIX_BITS);
            bits.and_then(|bits| IpNet::new(address, bits).ok())
                .unwrap_or(network)
        }
        _ => network,
    }
}
