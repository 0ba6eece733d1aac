//! Networks, to be found from inside and from outside. Networks never overlap by half, so that sorted ones form a tree:
//! every one knows the next that holds it, and a check is one binary search and the way up. Refuses to know what a list
//! is, beside its number.

use super::Relation;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Stands for no network.
const NONE: u32 = u32::MAX;

/// All networks of all lists.
#[derive(Debug, Default)]
pub(super) struct Networks {
    of_ipv4: Vec<Network>,
    of_ipv6: Vec<Network>,
}

/// The address in two halves, because one number of 128 bits would take a third more memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    first: [u64; 2],
    /// Its place in the same vector.
    outer: u32,
    line: u32,
    list: u16,
    prefix_bits: u8,
}

impl Networks {
    /// The network has no bits behind its prefix.
    pub(super) fn add(&mut self, list: usize, line: u32, network: IpNet) {
        let (first, _) = bounds(network);
        let element = Network {
            first: halves(first),
            outer: NONE,
            line,
            list: u16::try_from(list).expect("the builder counts the lists"),
            prefix_bits: network.prefix_len(),
        };
        match network {
            IpNet::V4(_) => self.of_ipv4.push(element),
            IpNet::V6(_) => self.of_ipv6.push(element),
        }
    }

    /// Sorts them, wider ones before those that they hold, and finds the next outer one of each.
    pub(super) fn finish(&mut self) {
        for (networks, width) in [(&mut self.of_ipv4, 32), (&mut self.of_ipv6, 128)] {
            networks.sort_unstable_by_key(|network| {
                (network.first, network.prefix_bits, network.list, network.line)
            });
            networks.dedup_by_key(|network| (network.first, network.prefix_bits, network.list));
            networks.shrink_to_fit();
            // Those that hold the one at hand, the widest at the bottom.
            let mut open: Vec<u32> = Vec::new();
            for index in 0..networks.len() {
                let first = networks[index].first();
                let holds = |outer: &u32| networks[*outer as usize].last(width) >= first;
                while open.last().is_some_and(|outer| !holds(outer)) {
                    open.pop();
                }
                networks[index].outer = open.last().copied().unwrap_or(NONE);
                open.push(u32::try_from(index).expect("the builder counts the elements"));
            }
        }
    }

    /// Every listed network that holds the given one, the narrowest first, and then every one in it.
    pub(super) fn find(&self, network: IpNet, found: &mut dyn FnMut(usize, Relation, IpNet, u32)) {
        let (networks, width) = match network {
            IpNet::V4(_) => (&self.of_ipv4, 32),
            IpNet::V6(_) => (&self.of_ipv6, 128),
        };
        let (first, last) = bounds(network);
        let bits = network.prefix_len();
        let begin = networks.partition_point(|other| (other.first(), other.prefix_bits) <= (first, bits));
        let mut next = u32::try_from(begin).map_or(NONE, |begin| begin.wrapping_sub(1));
        while next != NONE {
            let outer = networks[next as usize];
            if outer.last(width) >= last {
                let relation = if outer.prefix_bits == bits {
                    Relation::Is
                } else {
                    Relation::Below
                };
                found(
                    usize::from(outer.list),
                    relation,
                    outer.network(width),
                    outer.line,
                );
            }
            next = outer.outer;
        }
        for inner in networks[begin..].iter().take_while(|inner| inner.first() <= last) {
            found(
                usize::from(inner.list),
                Relation::Holds,
                inner.network(width),
                inner.line,
            );
        }
    }

    /// Bytes that all of it takes.
    pub(super) fn bytes(&self) -> usize {
        (self.of_ipv4.capacity() + self.of_ipv6.capacity()) * size_of::<Network>()
    }
}

impl Network {
    fn first(&self) -> u128 {
        u128::from(self.first[0]) << 64 | u128::from(self.first[1])
    }

    fn last(&self, width: u8) -> u128 {
        self.first() | free_bits(width - self.prefix_bits)
    }

    fn network(&self, width: u8) -> IpNet {
        let first = self.first();
        let address = match u32::try_from(first) {
            Ok(first) if width == 32 => IpAddr::V4(Ipv4Addr::from_bits(first)),
            _ => IpAddr::V6(Ipv6Addr::from_bits(first)),
        };
        IpNet::new_assert(address, self.prefix_bits)
    }
}

fn bounds(network: IpNet) -> (u128, u128) {
    let number = |address: IpAddr| match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    };
    (number(network.network()), number(network.broadcast()))
}

fn halves(number: u128) -> [u64; 2] {
    let low = u64::try_from(number & u128::from(u64::MAX)).expect("cut to 64 bits");
    [u64::try_from(number >> 64).expect("64 bits are left"), low]
}

fn free_bits(bits: u8) -> u128 {
    1_u128
        .checked_shl(u32::from(bits))
        .map_or(u128::MAX, |next| next - 1)
}
