//! Own domains against a second opinion: generated configurations and names in random spellings, held against
//! the rule as it would be told to a person, label by label. The seed is in every message.

use crate::guard::{Guard, Rule};

const SEEDS: u64 = 400;
const NAMES_PER_SEED: u64 = 40;

/// Few labels, so that names meet; the second spelling of each is the other form of the same label.
const LABELS: [[&str; 2]; 6] = [
    ["acme", "acme"],
    ["post", "post"],
    ["notacme", "notacme"],
    ["x", "x"],
    ["bücher", "xn--bcher-kva"],
    ["müller", "xn--mller-kva"],
];
/// What the names stand below: unknown, ICANN's with one and two labels, private, and in two forms.
const SUFFIXES: [&[[&str; 2]]; 5] = [
    &[["example", "example"]],
    &[["com", "com"]],
    &[["co", "co"], ["uk", "uk"]],
    &[["github", "github"], ["io", "io"]],
    &[["公司", "xn--55qx5d"], ["cn", "cn"]],
];

/// Sebastiano Vigna's splitmix64: small, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % sides) as usize
    }
}

/// A registered name or one below it, from the left as it is written.
#[derive(Debug, Clone)]
struct Name {
    labels: Vec<[&'static str; 2]>,
    suffix_labels: usize,
}

impl Name {
    fn generate(dice: &mut Dice) -> Self {
        let suffix = SUFFIXES[dice.roll(SUFFIXES.len() as u64)];
        let own_labels = dice.roll(3) + 1;
        let mut labels: Vec<_> = (0..own_labels)
            .map(|_| LABELS[dice.roll(LABELS.len() as u64)])
            .collect();
        labels.extend(suffix);
        Self {
            labels,
            suffix_labels: suffix.len(),
        }
    }

    /// Either form of each label, any case, a dot at the end or none.
    fn spell(&self, dice: &mut Dice) -> String {
        let mut labels = Vec::new();
        for forms in &self.labels {
            let form = forms[dice.roll(2)];
            let flip = |letter: char| match dice.roll(2) {
                0 => letter.to_uppercase().to_string(),
                _ => letter.to_string(),
            };
            labels.push(form.chars().map(flip).collect::<String>());
        }
        labels.join(".") + ["", "."][dice.roll(2)]
    }

    fn is_below(&self, other: &Self) -> bool {
        self.labels.len() > other.labels.len() && self.labels.ends_with(&other.labels)
    }

    fn child(&self, dice: &mut Dice) -> Self {
        let mut child = self.clone();
        child.labels.insert(0, LABELS[dice.roll(LABELS.len() as u64)]);
        child
    }

    /// The name above, as long as that is no public suffix.
    fn parent(&self) -> Option<Self> {
        let mut parent = self.clone();
        parent.labels.remove(0);
        (parent.labels.len() > parent.suffix_labels).then_some(parent)
    }
}

#[test]
fn no_spelling_of_a_protected_name_gets_through_and_no_other_name_is_refused() {
    let (mut refused_count, mut passed_count) = (0, 0);
    for seed in 0..SEEDS {
        let mut dice = Dice(seed);
        let own: Vec<Name> = (0..dice.roll(3) + 1).map(|_| Name::generate(&mut dice)).collect();
        let guard = Guard::new(
            own.iter()
                .map(|name| (name.spell(&mut dice), "own_domains".to_owned())),
        );

        let mut names = own.clone();
        names.extend(own.iter().map(|name| name.child(&mut dice)));
        for name in &own {
            names.extend(std::iter::successors(name.parent(), Name::parent));
        }
        names.extend((0..NAMES_PER_SEED).map(|_| Name::generate(&mut dice)));

        for name in names {
            let at_or_below = |own: &Name| name.labels == own.labels || name.is_below(own);
            let domain_is_ours = own.iter().any(|own| at_or_below(own) || own.is_below(&name));
            let address_is_ours = own.iter().any(at_or_below);
            let domain = name.spell(&mut dice);
            for (value, is_ours) in [
                (domain.clone(), domain_is_ours),
                (format!("Someone@{domain}"), address_is_ours),
            ] {
                let rule = super::clear(&guard, &value).err().map(|refused| refused.rule());
                let expected = is_ours.then_some(Rule::OwnDomain);
                assert_eq!(rule, expected, "seed {seed}: {value} where {own:?} is ours");
                *if is_ours {
                    &mut refused_count
                } else {
                    &mut passed_count
                } += 1;
            }
        }
    }
    assert!(
        refused_count > 4_000 && passed_count > 5_000,
        "{refused_count}, {passed_count}"
    );
}
