//! Numbers that look random and are the same everywhere, and the seeds of one test run. Refuses to know what is drawn.

/// Of one test run, unless the environment asks for others.
pub(super) const SEEDS: u64 = 40;

/// The seeds of one test run, as the environment asks for them.
pub(super) fn seeds() -> std::ops::Range<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    match number("DOORLIST_SEED") {
        Some(only) => only..only + 1,
        None => 0..number("DOORLIST_SEEDS").unwrap_or(SEEDS),
    }
}

/// Sebastiano Vigna's splitmix64: small, and the same everywhere.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `sides`.
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        usize::try_from(self.bits() % sides as u64).unwrap()
    }

    pub(super) fn chance(&mut self, one_in: usize) -> bool {
        self.roll(one_in) == 0
    }

    pub(super) fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len())].clone()
    }

    /// Fewer than `below` of what is drawn.
    pub(super) fn some<T>(&mut self, below: usize, mut draw: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.roll(below)).map(|_| draw(self)).collect()
    }

    /// Any case, letter by letter.
    pub(super) fn any_case(&mut self, text: &str) -> String {
        let flip = |letter: char| match self.roll(3) {
            0 => letter.to_uppercase().to_string(),
            _ => letter.to_string(),
        };
        text.chars().map(flip).collect()
    }
}
