//! Chance that can be had again: numbers from a seed, and an order without reason from a seed.
//!
//! `SplitMix64`, because it is ten lines and good enough; nothing here is secret. This file refuses to know
//! what is decided by chance.

/// Draws one number after the other.
#[derive(Debug, Clone)]
pub(super) struct Dice {
    state: u64,
}

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// True as often as the chance says, which is from 0 to 1.
    pub(super) fn happens(&mut self, chance: f64) -> bool {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        // 32 bits are a whole number that a float holds exactly.
        let drawn = u32::try_from(mixed(self.state) >> 32).unwrap_or_default();
        f64::from(drawn) < chance * (f64::from(u32::MAX) + 1.0)
    }
}

/// Where a text stands in an order without reason; the same for the same seed.
pub(super) fn rank(seed: u64, text: &str) -> u64 {
    let taken = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    mixed(text.bytes().fold(mixed(seed), taken))
}

fn mixed(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(seed: u64, chance: f64) -> Vec<bool> {
        let mut dice = Dice::new(seed);
        (0..1000).map(|_| dice.happens(chance)).collect()
    }

    #[test]
    fn the_same_seed_draws_the_same_and_a_chance_is_kept_roughly() {
        assert_eq!(drawn(7, 0.3), drawn(7, 0.3));
        assert_ne!(drawn(7, 0.3), drawn(8, 0.3));
        for (chance, least, most) in [(0.0, 0, 0), (0.3, 250, 350), (1.0, 1000, 1000)] {
            let hits = drawn(7, chance).into_iter().filter(|hit| *hit).count();
            assert!((least..=most).contains(&hits), "{chance}: {hits}");
        }
    }

    #[test]
    fn a_rank_depends_on_the_seed() {
        assert_eq!(rank(1, "a"), rank(1, "a"));
        assert_ne!(rank(1, "a"), rank(2, "a"));
        assert_ne!(rank(1, "a"), rank(1, "b"));
    }
}
