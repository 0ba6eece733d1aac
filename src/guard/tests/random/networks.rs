//! Networks as rows of zeros and ones, the addresses that they are, and the forms in which one is written. Two networks
//! overlap where one row begins with the other; nothing here knows how the guard compares them.

use super::dice::Dice;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

/// Where networks are drawn, so that they meet: of examples, of those that nobody may list, and of neither.
const IPV4_CENTRES: [[u8; 4]; 8] = [
    [192, 0, 2, 0],
    [192, 0, 3, 128],
    [198, 51, 100, 0],
    [203, 0, 113, 255],
    [10, 255, 255, 255],
    [172, 31, 255, 255],
    [100, 128, 0, 0],
    [127, 0, 0, 1],
];
const IPV6_CENTRES: [[u16; 8]; 5] = [
    [0x2001, 0xdb8, 0, 0, 0, 0, 0, 0],
    [0x2001, 0xdb8, 1, 0xffff, 0, 0, 0, 1],
    [0xfe80, 0, 0, 0, 0, 0, 0, 1],
    [0xfd00, 0, 0, 0, 0, 0, 0, 7],
    [0xfec0, 0, 0, 0, 0, 0, 0, 0],
];
/// Addresses of IPv6 that stand for one of IPv4: what comes before its 32 bits.
static MAPPED: LazyLock<Network> = LazyLock::new(|| Network::read("::ffff:0:0/96"));
static SIX_TO_FOUR: LazyLock<Network> = LazyLock::new(|| Network::read("2002::/16"));
static NAT64: LazyLock<Network> = LazyLock::new(|| Network::read("64:ff9b::/96"));
/// RFC 1122, 1918, 6598, 3927, 5771, 1112, 919; 4291, 4193.
static SPECIAL: LazyLock<Vec<Network>> = LazyLock::new(|| {
    let written = [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "255.255.255.255/32",
        "::/128",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
        "ff00::/8",
    ];
    written.map(Network::read).to_vec()
});

/// One address where the row is as long as the family allows.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Network {
    is_ipv4: bool,
    /// `1100000000000000...`, as long as the prefix.
    row: String,
}

impl Network {
    /// Of a text with a `/`.
    fn read(text: &str) -> Self {
        let (address, bits) = text.split_once('/').unwrap();
        let bits = bits.parse().unwrap();
        match address.parse::<Ipv4Addr>() {
            Ok(address) => Self::of_ipv4(address, bits),
            Err(_) => Self::of_ipv6(address.parse().unwrap(), bits),
        }
    }

    fn of_ipv4(address: Ipv4Addr, bits: usize) -> Self {
        let row = format!("{:032b}", u32::from(address))[..bits].to_owned();
        Self { is_ipv4: true, row }
    }

    fn of_ipv6(address: Ipv6Addr, bits: usize) -> Self {
        let row = format!("{:0128b}", u128::from(address))[..bits].to_owned();
        Self { is_ipv4: false, row }
    }

    /// Any that the configuration may hold: of IPv4, of IPv6, or the IPv6 clothes of IPv4.
    pub(super) fn draw(dice: &mut Dice) -> Self {
        match dice.roll(4) {
            0 => {
                let address = Ipv6Addr::from(dice.pick(&IPV6_CENTRES));
                Self::of_ipv6(address, 128 - dice.roll(100))
            }
            1 => {
                let inner = Self::draw_ipv4(dice);
                inner.in_clothes(dice.pick(&[&*SIX_TO_FOUR, &*NAT64]))
            }
            _ => Self::draw_ipv4(dice),
        }
    }

    fn draw_ipv4(dice: &mut Dice) -> Self {
        let address = Ipv4Addr::from(dice.pick(&IPV4_CENTRES));
        let bits = 32
            - if dice.chance(2) {
                dice.roll(3)
            } else {
                dice.roll(20)
            };
        Self::of_ipv4(address, bits)
    }

    /// The network of IPv6 that stands for this one of IPv4, and nothing behind it.
    fn in_clothes(&self, clothes: &Self) -> Self {
        Self {
            is_ipv4: false,
            row: clothes.row.clone() + &self.row,
        }
    }

    fn width(&self) -> usize {
        if self.is_ipv4 { 32 } else { 128 }
    }

    /// One address in it: the first, the last, or any.
    pub(super) fn address_in(&self, dice: &mut Dice) -> Self {
        let fill = dice.roll(3);
        let mut row = self.row.clone();
        while row.len() < self.width() {
            row.push(match fill {
                0 => '0',
                1 => '1',
                _ => dice.pick(&['0', '1']),
            });
        }
        Self { row, ..self.clone() }
    }

    /// The address of IPv6 that stands for one of IPv4.
    pub(super) fn dressed(&self, dice: &mut Dice) -> Self {
        if self.is_ipv4 {
            let clothes = dice.pick(&[&*SIX_TO_FOUR, &*NAT64]);
            self.in_clothes(clothes).address_in(dice)
        } else {
            self.clone()
        }
    }

    /// The same in the form that an entry never has, for a mapped one is IPv4 already.
    pub(super) fn mapped(&self) -> Option<Self> {
        self.is_ipv4.then(|| self.in_clothes(&MAPPED))
    }

    /// The one beside it, of the same size.
    pub(super) fn neighbour(&self) -> Option<Self> {
        let mut row = self.row.clone();
        let last = row.pop()?;
        row.push(if last == '0' { '1' } else { '0' });
        Some(Self { row, ..self.clone() })
    }

    /// A network that holds it.
    pub(super) fn wider(&self, dice: &mut Dice) -> Self {
        let row = self.row[..dice.roll(self.row.len() + 1)].to_owned();
        Self { row, ..self.clone() }
    }

    fn plainly_overlaps(&self, other: &Self) -> bool {
        self.is_ipv4 == other.is_ipv4
            && (self.row.starts_with(&other.row) || other.row.starts_with(&self.row))
    }

    /// What it is, and the IPv4 that it stands for.
    fn meanings(&self) -> Vec<Self> {
        let mut meanings = vec![self.clone()];
        if !self.is_ipv4 {
            meanings.extend(
                [&*MAPPED, &*SIX_TO_FOUR, &*NAT64]
                    .iter()
                    .filter_map(|clothes| self.without(clothes)),
            );
        }
        meanings
    }

    fn without(&self, clothes: &Self) -> Option<Self> {
        let behind = match self.row.strip_prefix(&clothes.row) {
            Some(behind) => behind,
            None if clothes.row.starts_with(&self.row) => "",
            None => return None,
        };
        let row = behind.chars().take(32).collect();
        Some(Self { is_ipv4: true, row })
    }

    /// Is something in one that is in the other, or stands for it?
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let (mine, theirs) = (self.meanings(), other.meanings());
        mine.iter()
            .any(|one| theirs.iter().any(|other| one.plainly_overlaps(other)))
    }

    /// The same, where only what is mapped stands for something else.
    pub(super) fn overlaps_unless_dressed(&self, other: &Self) -> bool {
        let plain = |network: &Self| {
            let is_mapped = !network.is_ipv4 && network.row.starts_with(&MAPPED.row);
            network
                .without(&MAPPED)
                .filter(|_| is_mapped)
                .unwrap_or_else(|| network.clone())
        };
        plain(self).plainly_overlaps(&plain(other))
    }

    pub(super) fn is_special(&self) -> bool {
        let meanings = self.meanings();
        let mut special = SPECIAL.iter();
        special.any(|special| meanings.iter().any(|meaning| meaning.plainly_overlaps(special)))
    }

    /// As the configuration has it: `192.0.2.0/24`.
    pub(super) fn spell(&self) -> String {
        format!("{}/{}", self.first(), self.row.len())
    }

    fn first(&self) -> std::net::IpAddr {
        let row = format!("{:0<width$}", self.row, width = self.width());
        let number = u128::from_str_radix(&row, 2).unwrap();
        match u32::try_from(number) {
            Ok(number) if self.is_ipv4 => Ipv4Addr::from(number).into(),
            _ => Ipv6Addr::from(number).into(),
        }
    }

    /// An address as people write it: in brackets, with the tag, mapped, long.
    pub(super) fn spell_address(&self, needs_brackets: bool, dice: &mut Dice) -> String {
        let groups = |address: Ipv6Addr| {
            let groups = address.segments().map(|group| format!("{group:04x}"));
            groups.join(":")
        };
        let (plain, is_ipv6) = match (self.first(), dice.roll(3)) {
            (std::net::IpAddr::V4(address), 0) => (format!("::ffff:{address}"), true),
            (std::net::IpAddr::V4(address), 1) => (groups(address.to_ipv6_mapped()), true),
            (std::net::IpAddr::V6(address), 0) => (groups(address), true),
            (address, _) => (address.to_string(), address.is_ipv6()),
        };
        let plain = dice.any_case(&plain);
        let tag = if is_ipv6 {
            dice.pick(&["", "ipv6:", "IPv6:"])
        } else {
            ""
        };
        if needs_brackets || dice.chance(2) {
            format!("[{tag}{plain}]")
        } else {
            plain
        }
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spell())
    }
}
