//! A command stream in a file: what every engine is fed.
//!
//! Little-endian. A header of 24 bytes: the magic `VALSTRM1`, then as u32 how many commands set the books up, how many are
//! measured, how many markets and how many accounts there are. Then one record of 20 bytes a command: op (0 place, 1
//! immediate-or-cancel, 2 move, 3 cancel) and side (0 back, 1 lay) as u8; tick as u16; size in whole units (of a move and
//! a cancel: what rests), order, account and market as u32. Orders are numbered from 1; a moved order keeps its number.

use std::io::{self, Error, ErrorKind};
use std::path::Path;

const MAGIC: &[u8; 8] = b"VALSTRM1";
const HEADER: usize = 24;
const RECORD: usize = 20;

/// Prices of a market: ticks 0 to 349.
pub const TICKS: usize = 350;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// A new order, that rests if it is not filled.
    Place,
    /// A new order, of which what is not filled at once is cancelled.
    ImmediateOrCancel,
    /// What rests of an order goes to another price, and behind what rests there.
    Move,
    /// An order is cancelled.
    Cancel,
}

/// Whose side an order is on: a back is met by lays at its tick or above, a lay by backs at its tick or below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Bets for the runner: an ask, of the odds.
    Back,
    /// Bets against it: a bid.
    Lay,
}

/// One command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// What is asked for.
    pub op: Op,
    /// Whose side.
    pub side: Side,
    /// The limit.
    pub tick: u16,
    /// Units; of a move or a cancel: what rests.
    pub size: u32,
    /// The order.
    pub order: u32,
    /// Whose order.
    pub account: u32,
    /// From 1.
    pub market: u32,
}

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stream {
    /// Markets, numbered from 1.
    pub markets: u32,
    /// Accounts, numbered from 1.
    pub accounts: u32,
    /// What sets the books up.
    pub setup: Vec<Record>,
    /// What is measured.
    pub measured: Vec<Record>,
}

impl Stream {
    /// Writes a file.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(HEADER + RECORD * (self.setup.len() + self.measured.len()));
        bytes.extend_from_slice(MAGIC);
        for number in [self.setup.len() as u32, self.measured.len() as u32, self.markets, self.accounts] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        self.setup.iter().chain(&self.measured).for_each(|record| record.write(&mut bytes));
        std::fs::write(path, bytes)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or is none of ours.
    pub fn read(path: &Path) -> io::Result<Self> {
        let bytes = std::fs::read(path)?;
        let broken = |what: &str| Error::new(ErrorKind::InvalidData, format!("{}: {what}", path.display()));
        if bytes.len() < HEADER || &bytes[..8] != MAGIC {
            return Err(broken("not a VALSTRM1 stream"));
        }
        let [setup, measured, markets, accounts] = [8, 12, 16, 20].map(|at| u32_at(&bytes, at));
        let records = bytes[HEADER..].chunks_exact(RECORD);
        if records.len() != (setup + measured) as usize || !records.remainder().is_empty() {
            return Err(broken("its length is not what its header says"));
        }
        let read: Option<Vec<Record>> = records.map(Record::read).collect();
        let mut setup_records = read.ok_or_else(|| broken("an op or a side that is none"))?;
        let measured = setup_records.split_off(setup as usize);
        Ok(Self { markets, accounts, setup: setup_records, measured })
    }
}

impl Record {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&[self.op as u8, self.side as u8]);
        bytes.extend_from_slice(&self.tick.to_le_bytes());
        for number in [self.size, self.order, self.account, self.market] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let op = *[Op::Place, Op::ImmediateOrCancel, Op::Move, Op::Cancel].get(usize::from(bytes[0]))?;
        let side = *[Side::Back, Side::Lay].get(usize::from(bytes[1]))?;
        let tick = u16::from_le_bytes([bytes[2], bytes[3]]);
        let [size, order, account, market] = [4, 8, 12, 16].map(|at| u32_at(bytes, at));
        Some(Self { op, side, tick, size, order, account, market })
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}
