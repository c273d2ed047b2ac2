//! Levels by tick, and which of them are occupied: an array with a bitmap.
//!
//! A short ladder lies flat. A long one has a bitmap over its bitmap, and its levels in pages that are made when
//! something first rests there: nobody pays for 99 900 prices of which a few are used.

use serde::{Deserialize, Serialize};

use super::half::Level;
use crate::ladder::{Ladder, PRICES};

const WORDS: usize = PRICES.div_ceil(64);

/// Levels by tick.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(into = "Sparse", from = "Sparse")]
pub enum Levels {
    /// At most 350 ticks.
    Flat(Box<Flat>),
    /// More.
    Deep(Box<Deep>),
}

/// Few ticks: all their levels.
#[derive(Clone, Debug)]
pub struct Flat {
    occupied: [u64; WORDS],
    levels: [Level; PRICES],
}

/// Many ticks.
#[derive(Clone, Debug)]
pub struct Deep {
    ticks: u32,
    /// Which words of `occupied` are not 0.
    summary: Vec<u64>,
    occupied: Vec<u64>,
    pages: Vec<Option<Box<[Level; 64]>>>,
}

/// Levels as a snapshot has them: the occupied ones only.
#[derive(Serialize, Deserialize)]
struct Sparse {
    ladder: Ladder,
    occupied: Vec<(u32, Level)>,
}

impl From<Levels> for Sparse {
    fn from(levels: Levels) -> Self {
        let occupied = levels.all().filter(|(.., marked)| *marked).map(|(tick, level, _)| (tick, *level)).collect();
        let ladder = match &levels {
            Levels::Flat(_) => Ladder::Classic,
            Levels::Deep(deep) => Ladder::Line(deep.ticks),
        };
        Self { ladder, occupied }
    }
}

impl From<Sparse> for Levels {
    fn from(sparse: Sparse) -> Self {
        let mut levels = Self::new(sparse.ladder);
        sparse.occupied.into_iter().for_each(|(tick, level)| *levels.occupy(tick) = level);
        levels
    }
}

static EMPTY: Level = Level { queue: crate::memory::chain::Chain::EMPTY, size: 0 };

impl Levels {
    /// All empty.
    pub fn new(ladder: Ladder) -> Self {
        if ladder.ticks() as usize <= PRICES {
            return Self::Flat(Box::new(Flat { occupied: [0; WORDS], levels: [EMPTY; PRICES] }));
        }
        let words = (ladder.ticks() as usize).div_ceil(64);
        Self::Deep(Box::new(Deep {
            ticks: ladder.ticks(),
            summary: vec![0; words.div_ceil(64)],
            occupied: vec![0; words],
            pages: vec![None; words],
        }))
    }

    /// The level of a tick.
    #[inline(always)]
    pub fn get(&self, tick: u32) -> &Level {
        match self {
            Self::Flat(flat) => &flat.levels[tick as usize],
            Self::Deep(deep) => deep.pages[word(tick)].as_ref().map_or(&EMPTY, |page| &page[tick as usize % 64]),
        }
    }

    /// The level of an occupied tick, to be changed.
    #[inline(always)]
    pub fn get_mut(&mut self, tick: u32) -> &mut Level {
        match self {
            Self::Flat(flat) => &mut flat.levels[tick as usize],
            Self::Deep(deep) => {
                &mut deep.pages[word(tick)].as_mut().expect("an occupied level has a page")[tick as usize % 64]
            }
        }
    }

    /// Marks a tick as occupied and gives its level.
    #[inline(always)]
    pub fn occupy(&mut self, tick: u32) -> &mut Level {
        match self {
            Self::Flat(flat) => {
                flat.occupied[word(tick)] |= bit(tick);
                &mut flat.levels[tick as usize]
            }
            Self::Deep(deep) => {
                let at = word(tick);
                deep.occupied[at] |= bit(tick);
                deep.summary[at / 64] |= 1 << (at % 64);
                &mut deep.pages[at].get_or_insert_with(|| Box::new([EMPTY; 64]))[tick as usize % 64]
            }
        }
    }

    /// Marks a tick as empty, which its level is.
    #[inline(always)]
    pub fn vacate(&mut self, tick: u32) {
        match self {
            Self::Flat(flat) => flat.occupied[word(tick)] &= !bit(tick),
            Self::Deep(deep) => {
                let at = word(tick);
                deep.occupied[at] &= !bit(tick);
                if deep.occupied[at] == 0 {
                    deep.summary[at / 64] &= !(1 << (at % 64));
                    deep.pages[at] = None;
                }
            }
        }
    }

    /// The lowest occupied tick above one.
    #[inline]
    pub fn above(&self, tick: u32) -> Option<u32> {
        match self {
            Self::Flat(flat) => above(&flat.occupied, tick),
            Self::Deep(deep) => {
                let at = word(tick);
                let here = deep.occupied[at] & above_bit(tick);
                if here != 0 {
                    return Some(lowest(at, here));
                }
                let next = above(&deep.summary, at as u32)? as usize;
                Some(lowest(next, deep.occupied[next]))
            }
        }
    }

    /// The highest occupied tick below one.
    #[inline]
    pub fn below(&self, tick: u32) -> Option<u32> {
        match self {
            Self::Flat(flat) => below(&flat.occupied, tick),
            Self::Deep(deep) => {
                let at = word(tick);
                let here = deep.occupied[at] & below_bit(tick);
                if here != 0 {
                    return Some(highest(at, here));
                }
                let next = below(&deep.summary, at as u32)? as usize;
                Some(highest(next, deep.occupied[next]))
            }
        }
    }

    /// Every level that there is room for, with its tick and whether it is marked.
    pub fn all(&self) -> Box<dyn Iterator<Item = (u32, &Level, bool)> + '_> {
        match self {
            Self::Flat(flat) => Box::new(flat.levels.iter().zip(0..).map(|(level, tick)| {
                let marked = flat.occupied[word(tick)] & bit(tick) != 0;
                (tick, level, marked)
            })),
            Self::Deep(deep) => {
                let pages = deep.pages.iter().zip(0..).filter_map(|(page, at)| Some((page.as_ref()?, at)));
                Box::new(pages.flat_map(move |(page, at): (_, u32)| {
                    page.iter().zip(0..).map(move |(level, nth): (_, u32)| {
                        let tick = at * 64 + nth;
                        (tick, level, deep.occupied[at as usize] & bit(tick) != 0)
                    })
                }))
            }
        }
    }
}

#[inline]
fn word(tick: u32) -> usize {
    tick as usize / 64
}

#[inline]
fn bit(tick: u32) -> u64 {
    1 << (tick % 64)
}

/// The bits of a tick's word that stand for higher ticks.
#[inline]
fn above_bit(tick: u32) -> u64 {
    !(bit(tick) | (bit(tick) - 1))
}

/// The bits of a tick's word that stand for lower ticks.
#[inline]
fn below_bit(tick: u32) -> u64 {
    bit(tick) - 1
}

#[inline]
fn lowest(at: usize, bits: u64) -> u32 {
    at as u32 * 64 + bits.trailing_zeros()
}

#[inline]
fn highest(at: usize, bits: u64) -> u32 {
    at as u32 * 64 + 63 - bits.leading_zeros()
}

#[inline]
fn above(words: &[u64], tick: u32) -> Option<u32> {
    let at = word(tick);
    let here = words[at] & above_bit(tick);
    if here != 0 {
        return Some(lowest(at, here));
    }
    let ahead = words[at + 1..].iter().position(|bits| *bits != 0)?;
    Some(lowest(at + 1 + ahead, words[at + 1 + ahead]))
}

#[inline]
fn below(words: &[u64], tick: u32) -> Option<u32> {
    let at = word(tick);
    let here = words[at] & below_bit(tick);
    if here != 0 {
        return Some(highest(at, here));
    }
    let behind = words[..at].iter().rposition(|bits| *bits != 0)?;
    Some(highest(behind, words[behind]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_found_across_words_and_pages_and_empty_pages_are_given_back() {
        for ladder in [Ladder::Classic, Ladder::Finest, Ladder::Line(5_000)] {
            let mut levels = Levels::new(ladder);
            let ticks = [0, 63, 64, 127, 200, 349, ladder.last()];
            ticks.iter().for_each(|tick| _ = levels.occupy(*tick));
            for pair in ticks.windows(2).filter(|pair| pair[0] != pair[1]) {
                assert_eq!(levels.above(pair[0]), Some(pair[1]), "{ladder:?}");
                assert_eq!(levels.below(pair[1]), Some(pair[0]), "{ladder:?}");
            }
            assert_eq!((levels.below(0), levels.above(ladder.last())), (None, None));
            ticks.iter().for_each(|tick| levels.vacate(*tick));
            assert_eq!((levels.above(0), levels.below(ladder.last())), (None, None));
            if let Levels::Deep(deep) = &levels {
                assert!(deep.pages.iter().all(Option::is_none));
            }
        }
    }
}
