//! One configuration of the guard, and the entries that are held against it: what is protected, what is near that, and
//! what has nothing to do with it. Refuses to know what should become of an entry; `opinion.rs` has a view on that.

use super::dice::Dice;
use super::names::Name;
use super::networks::Network;
use crate::config::{Configured, GuardSettings, OwnDomain, Pinned};
use crate::guard::{Guard, Level, Matching, Passed, Rule, Warninglist, Warninglists, WarninglistsBuilder};
use crate::model::{EntryKey, ListKind};
use std::fmt;

const LOCAL_PARTS: [&str; 3] = ["ceo", "press.office", "a+b"];
/// Entries that have nothing to do with the configuration, unless by chance.
const STRANGERS: usize = 25;

/// What can be written as an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Thing {
    Domain(Name),
    Mailbox(&'static str, Name),
    Address(Network),
    MailboxAt(&'static str, Network),
}

#[derive(Debug)]
pub(super) struct Pin {
    pub(super) list: ListKind,
    pub(super) recipient: Option<Thing>,
    pub(super) sender: Option<Thing>,
}

pub(super) struct World {
    seed: u64,
    pub(super) own: Vec<Name>,
    /// Did somebody write them, so that others are foreign?
    pub(super) is_own_written: bool,
    pub(super) partners: Vec<Name>,
    pub(super) protected: Vec<Thing>,
    pub(super) networks: Vec<Network>,
    pub(super) protected_mailboxes: Vec<Thing>,
    pub(super) listed_names: Vec<Name>,
    pub(super) listed_networks: Vec<Network>,
    pub(super) lists_name_mail_addresses: bool,
    pub(super) pins: Vec<Pin>,
    pub(super) levels: Vec<(Rule, Level)>,
    pub(super) let_pass: Vec<(Rule, Thing)>,
    pub(super) things: Vec<Thing>,
    pub(super) wide_networks: Vec<Network>,
}

impl Thing {
    fn mailbox(dice: &mut Dice, name: &Name) -> Self {
        Self::Mailbox(dice.pick(&LOCAL_PARTS), name.clone())
    }

    fn draw_mailbox(dice: &mut Dice) -> Self {
        if dice.chance(4) {
            let address = Network::draw(dice).address_in(dice);
            return Self::MailboxAt(dice.pick(&LOCAL_PARTS), address);
        }
        let name = Name::draw(dice);
        Self::mailbox(dice, &name)
    }

    fn draw_mailbox_or_domain(dice: &mut Dice) -> Self {
        if dice.chance(2) {
            Self::draw_mailbox(dice)
        } else {
            Self::Domain(Name::draw(dice))
        }
    }

    pub(super) fn is_mailbox(&self) -> bool {
        matches!(self, Self::Mailbox(..) | Self::MailboxAt(..))
    }

    pub(super) fn spell(&self, dice: &mut Dice) -> String {
        let text = match self {
            Self::Domain(name) => name.spell(dice),
            Self::Mailbox(local, name) => format!("{}@{}", dice.any_case(local), name.spell(dice)),
            Self::Address(address) => address.spell_address(false, dice),
            Self::MailboxAt(local, address) => {
                format!("{}@{}", dice.any_case(local), address.spell_address(true, dice))
            }
        };
        dice.pick(&["", "", " "]).to_string() + &text + dice.pick(&["", "", "\t"])
    }
}

impl World {
    pub(super) fn draw(seed: u64, dice: &mut Dice) -> Self {
        let mut world = Self {
            seed,
            own: dice.some(4, Name::draw),
            is_own_written: dice.chance(2),
            partners: dice.some(3, Name::draw),
            protected: dice.some(4, Thing::draw_mailbox_or_domain),
            networks: dice.some(4, Network::draw),
            protected_mailboxes: dice.some(4, Thing::draw_mailbox_or_domain),
            listed_names: dice.some(3, Name::draw),
            listed_networks: dice.some(3, Network::draw),
            lists_name_mail_addresses: dice.chance(2),
            pins: dice.some(4, Pin::draw),
            levels: Vec::new(),
            let_pass: Vec::new(),
            things: Vec::new(),
            wide_networks: Vec::new(),
        };
        world.is_own_written &= !world.own.is_empty();
        if dice.chance(3) {
            let rules = GuardSettings::RULES_WITH_A_LEVEL;
            let rule = Rule::of_code(dice.pick(&rules)).unwrap();
            world.levels.push((rule, dice.pick(&Level::ALL)));
        }
        world.draw_names(dice);
        world.draw_networks(dice);
        if dice.chance(2) {
            let picked: Vec<Thing> = (0..20).map(|_| dice.pick(&world.things)).collect();
            world.let_pass = picked
                .into_iter()
                .map(|thing| (dice.pick(&Rule::ALL), thing))
                .collect();
        }
        world
    }

    /// Every configured name, what is above, below and beside it, and mailboxes there.
    fn draw_names(&mut self, dice: &mut Dice) {
        let mut configured = [&self.own[..], &self.partners, &self.listed_names].concat();
        for thing in self.protected.iter().chain(&self.protected_mailboxes) {
            match thing {
                Thing::Domain(name) | Thing::Mailbox(_, name) => configured.push(name.clone()),
                Thing::MailboxAt(_, address) => self.things.push(Thing::Address(address.clone())),
                Thing::Address(_) => {}
            }
            self.things.extend(thing.is_mailbox().then(|| thing.clone()));
        }
        let mut names = configured.clone();
        for name in &configured {
            names.push(name.child(dice));
            names.extend(name.neighbour());
            names.extend(std::iter::successors(name.parent(), Name::parent));
        }
        names.extend(Name::suffixes());
        names.extend((0..STRANGERS).map(|_| Name::draw(dice)));
        for name in names {
            let mailbox = Thing::mailbox(dice, &name);
            self.things.extend([Thing::Domain(name), mailbox]);
        }
    }

    /// Addresses in, just beside and far from every configured network, also as IPv6 that stands for IPv4; and networks
    /// that are wider, narrower or beside.
    fn draw_networks(&mut self, dice: &mut Dice) {
        let mut networks = [&self.networks[..], &self.listed_networks].concat();
        networks.extend((0..4).map(|_| Network::draw(dice)));
        for network in networks {
            let beside = network.neighbour();
            for near in std::iter::once(&network).chain(&beside) {
                let address = near.address_in(dice);
                let dressed = address.dressed(dice);
                let mailbox = Thing::MailboxAt(dice.pick(&LOCAL_PARTS), dressed.clone());
                self.wide_networks
                    .extend([near.clone(), near.wider(dice), address.clone()]);
                self.wide_networks.extend(near.mapped());
                self.things
                    .extend([Thing::Address(address), Thing::Address(dressed), mailbox]);
            }
        }
    }

    /// A mailbox and a sender, of which one or both are often pinned.
    pub(super) fn pair(&self, dice: &mut Dice) -> (Thing, Thing) {
        let mut mailboxes: Vec<&Thing> = self
            .pins
            .iter()
            .filter_map(|pin| pin.recipient.as_ref())
            .collect();
        let mut senders: Vec<&Thing> = self.pins.iter().filter_map(|pin| pin.sender.as_ref()).collect();
        let (mailbox, sender) = (Thing::draw_mailbox(dice), dice.pick(&self.things));
        mailboxes.push(&mailbox);
        senders.push(&sender);
        (dice.pick(&mailboxes).clone(), dice.pick(&senders).clone())
    }

    /// The guard of this configuration, in which everything is written in some spelling.
    pub(super) fn guard(&self, dice: &mut Dice) -> Guard {
        let origin = || "doorlist.toml:1".to_owned();
        let mut configured = |thing: &Thing| Configured {
            value: EntryKey::of(&thing.spell(dice)),
            origin: origin(),
        };
        let protected_addresses = self.protected.iter().map(&mut configured).collect();
        let protected_recipients = self.protected_mailboxes.iter().map(&mut configured).collect();
        let mut key = |thing: &Option<Thing>| thing.as_ref().map(|thing| configured(thing).value);
        let pins = self.pins.iter().map(|pin| Pinned {
            list: pin.list,
            recipient: key(&pin.recipient),
            sender: key(&pin.sender),
            origin: origin(),
        });
        let pinned = pins.collect();
        let own = self.own.iter().map(|name| OwnDomain {
            is_of_recipient: false,
            domain: name.spell(dice),
            origin: origin(),
        });
        let own_domains = own.collect();
        let partners = self.partners.iter().map(|name| Configured {
            value: name.spell(dice),
            origin: origin(),
        });
        let partner_domains = partners.collect();
        let networks = self.networks.iter().map(|network| Configured {
            value: network.spell().parse().unwrap(),
            origin: origin(),
        });
        let settings = GuardSettings {
            own_domains,
            own_domains_origin: self.is_own_written.then(origin),
            partner_domains,
            partner_domains_origin: (!self.partners.is_empty()).then(origin),
            protected_addresses,
            protected_networks: networks.collect(),
            protected_recipients,
            pinned,
            levels: self
                .levels
                .iter()
                .map(|(rule, level)| (rule.code(), *level))
                .collect(),
            ..GuardSettings::default()
        };
        Guard::of(&settings).with_warninglists(self.warninglists(dice))
    }

    fn warninglists(&self, dice: &mut Dice) -> Warninglists {
        let names: Vec<String> = self.listed_names.iter().map(|name| name.spell(dice)).collect();
        let networks: Vec<String> = self.listed_networks.iter().map(Network::spell).collect();
        let mut builder = WarninglistsBuilder::default();
        for (matching, elements) in [(Matching::Hostname, names), (Matching::Cidr, networks)] {
            let list = Warninglist {
                name: "list".to_owned(),
                file: "list.json".to_owned(),
                level: Level::Refuse,
                matching,
                of_names: true,
                of_ip_addresses: true,
                of_mail_addresses: self.lists_name_mail_addresses,
            };
            builder.begin(list).unwrap();
            for (line, element) in (1..).zip(elements) {
                builder.add(line, &element).unwrap();
            }
        }
        builder.finish().unwrap()
    }

    pub(super) fn passed(&self, dice: &mut Dice) -> Passed {
        let passed = self.let_pass.iter();
        passed
            .map(|(rule, thing)| (*rule, EntryKey::of(&thing.spell(dice))))
            .collect()
    }

    /// For the message of a failure.
    pub(super) fn told(&self) -> String {
        format!(
            "seed {} (repeat with DOORLIST_SEED={}): {self:?}",
            self.seed, self.seed
        )
    }
}

/// What is configured, and not the hundreds of entries.
impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("own", &self.own)
            .field("is_own_written", &self.is_own_written)
            .field("partners", &self.partners)
            .field("protected", &self.protected)
            .field("networks", &self.networks)
            .field("protected_mailboxes", &self.protected_mailboxes)
            .field("listed_names", &self.listed_names)
            .field("listed_networks", &self.listed_networks)
            .field("lists_name_mail_addresses", &self.lists_name_mail_addresses)
            .field("pins", &self.pins)
            .field("levels", &self.levels)
            .field("let_pass", &self.let_pass)
            .finish_non_exhaustive()
    }
}

impl Pin {
    fn draw(dice: &mut Dice) -> Self {
        let names = dice.roll(3);
        Self {
            list: dice.pick(&ListKind::ALL),
            recipient: (names != 0).then(|| Thing::draw_mailbox(dice)),
            sender: (names != 1).then(|| Thing::draw_mailbox_or_domain(dice)),
        }
    }
}
