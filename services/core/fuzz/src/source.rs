//! Bytes as a source of choices: the same bytes, the same choices; when they are used up, the first choice.

/// Bytes still to be read.
pub struct Source<'a>(&'a [u8]);

impl<'a> Source<'a> {
    /// All of them.
    pub fn new(data: &'a [u8]) -> Self {
        Self(data)
    }

    /// Whether they are used up.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next one.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// A number below a bound of at most 256.
    pub fn below(&mut self, bound: u32) -> u32 {
        u32::from(self.byte()) % bound
    }

    /// Whether the one of so many comes.
    pub fn one_in(&mut self, many: u32) -> bool {
        self.below(many) == many - 1
    }

    /// One of some.
    pub fn one_of<T: Copy>(&mut self, some: &[T]) -> T {
        some[self.below(some.len() as u32) as usize]
    }

    /// Any number of 64 bits, most of them rarely.
    pub fn any(&mut self) -> u64 {
        (0..8).fold(0, |number, _| number << 8 | u64::from(self.byte()))
    }

    /// An amount: mostly some pennies, sometimes none, finer, negative or huge.
    pub fn amount(&mut self) -> i64 {
        match self.below(24) {
            0 => 0,
            1 => -100,
            2 => i64::from(self.byte()),
            3 => self.any() as i64,
            4 => i64::from(self.byte()) * 1_000_000_000_000,
            _ => 100 * i64::from(self.byte()),
        }
    }

    /// How long nothing happens, in milliseconds.
    pub fn pause_ms(&mut self) -> i64 {
        const HOUR_MS: i64 = 3_600_000;
        match self.below(16) {
            0 => HOUR_MS * i64::from(self.byte()),
            1 => 1_000 * i64::from(self.byte()),
            2 => 24 * HOUR_MS * i64::from(self.below(9)),
            _ => i64::from(self.below(3)),
        }
    }
}
