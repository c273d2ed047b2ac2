//! The workload: 60 % move, 22 % new, 8 % immediate-or-cancel, 10 % cancel, around 1 000 resting orders.
//!
//! It is played once against an exchange, which numbers the orders, and recorded; what is measured is the recording.
//! The core has neither move nor immediate-or-cancel: a move is a cancel and a placement, an immediate-or-cancel a
//! placement and, where something is left, a cancel.

use std::collections::HashMap;

use valletta_core::command::{Body, Command, Place, Replace, RunnerTerms, Side, Terms, TimeInForce};
use valletta_core::event::Event;
use valletta_core::exchange::{Exchange, NEWEST_RULES};
use valletta_core::key::Key;
use valletta_core::ladder::PRICES;
use valletta_core::limits::Limits;
use valletta_core::money::Money;
use valletta_core::outcome::{Code, Outcome};

pub const ACCOUNTS: u64 = 2_000;
pub const RESTING: usize = 1_000;
/// One currency unit: the grain of the sizes, 1 to 126 of them, mostly few.
const UNIT: Money = 10_000;
const START_MS: i64 = 1_800_000_000_000;
const COMMANDS_PER_MS: u64 = 1_000;

/// What the market is like.
#[derive(Clone, Copy)]
pub struct Shape {
    /// Runners that orders go to.
    pub traded: u64,
    /// Runners in all.
    pub runners: u64,
    pub winners: u32,
}

/// A recorded stream: what sets the exchange up, and what is measured.
pub struct Recording {
    pub setup: Vec<(i64, Command)>,
    pub stream: Vec<(i64, Command)>,
    pub trades: u64,
    pub mean_resting: u64,
    pub state_hash: [u8; 32],
}

/// splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }

    fn size(&mut self) -> Money {
        (1 + (self.below(6) * self.below(6) * self.below(6)) as Money) * UNIT
    }
}

#[derive(Clone, Copy)]
struct Resting {
    id: u64,
    account: u64,
    tick: u16,
    left: Money,
}

struct Recorder {
    exchange: Exchange,
    random: Random,
    shape: Shape,
    resting: Vec<Resting>,
    places: HashMap<u64, usize>,
    recorded: Vec<(i64, Command)>,
    commands: u64,
    trades: u64,
    middle: u16,
}

/// Plays `commands` workload commands and records them.
pub fn record(shape: Shape, commands: u64, seed: u64) -> Recording {
    let mut recorder = Recorder {
        exchange: Exchange::new(Limits::default(), false),
        random: Random(seed),
        shape,
        resting: Vec::new(),
        places: HashMap::new(),
        recorded: Vec::new(),
        commands: 0,
        trades: 0,
        middle: PRICES as u16 / 2,
    };
    recorder.set_up();
    while recorder.resting.len() < RESTING {
        recorder.new_order();
    }
    let setup = std::mem::take(&mut recorder.recorded);
    recorder.trades = 0;
    let mut resting = 0;
    for nth in 0..commands {
        recorder.step(nth);
        resting += recorder.resting.len() as u64;
    }
    Recording {
        setup,
        stream: recorder.recorded,
        trades: recorder.trades,
        mean_resting: resting / commands,
        state_hash: recorder.exchange.state_hash(true),
    }
}

impl Recorder {
    fn set_up(&mut self) {
        self.send(0, Body::ActivateRules { version: NEWEST_RULES });
        for account in 1..=ACCOUNTS {
            self.send(0, Body::OpenAccount { currency: 0 });
            self.send(0, Body::VerifyAccount { account });
            self.send(account, Body::Deposit { amount: 10_000_000 * UNIT });
        }
        let runner = |id| RunnerTerms { id, name: String::new() };
        self.send(
            0,
            Body::OpenMarket(Box::new(Terms {
                runners: (1..=self.shape.runners).map(runner).collect(),
                winners: self.shape.winners,
                commission_bp: 500,
                minimum_stake: UNIT,
                ..Terms::default()
            })),
        );
    }

    fn step(&mut self, nth: u64) {
        if nth.is_multiple_of(1_000) {
            self.middle = (self.middle + self.random.below(3) as u16 - 1).clamp(100, 250);
        }
        match self.random.below(100) {
            0..=59 => self.move_order(),
            60..=81 => self.new_order(),
            82..=89 => self.immediate_or_cancel(),
            _ => self.cancel_one(),
        }
    }

    fn new_order(&mut self) {
        let (account, runner) = (1 + self.random.below(ACCOUNTS), 1 + self.random.below(self.shape.traded));
        let offset = 1 + (self.random.below(8) * self.random.below(8)) as u16;
        let (side, tick) = match self.random.below(2) {
            0 => (Side::Back, self.middle + offset),
            _ => (Side::Lay, self.middle - offset),
        };
        let size = self.random.size();
        self.place(account, runner, side, tick, size, TimeInForce::Day);
    }

    /// One tick nearer to the middle or away from it, as often the one as the other.
    fn move_order(&mut self) {
        let order = self.pick();
        let towards = (order.tick < self.middle) == (self.random.below(2) == 0);
        let tick = if towards { order.tick + 1 } else { order.tick - 1 };
        let tick = tick.clamp(50, 300);
        let asked = Replace { market: 1, order: order.id, price: tick.into(), market_version: 0 };
        let outcome = self.send(order.account, Body::ReplaceOrder(asked));
        self.drop_resting(order.id);
        self.note_resting(Resting { id: outcome.id, tick, left: outcome.remaining, ..order });
    }

    /// At a price that takes the best orders of the other side: larger ones while there are too many orders.
    fn immediate_or_cancel(&mut self) {
        let (account, runner) = (1 + self.random.below(ACCOUNTS), 1 + self.random.below(self.shape.traded));
        let (side, tick) = match self.random.below(2) {
            0 => (Side::Back, self.middle - 20),
            _ => (Side::Lay, self.middle + 20),
        };
        let factor = if self.resting.len() > RESTING { 3 } else { 1 };
        let size = self.random.size() * factor;
        self.place(account, runner, side, tick, size, TimeInForce::ImmediateOrCancel);
    }

    fn cancel_one(&mut self) {
        let order = self.pick();
        self.cancel(order);
    }

    fn pick(&mut self) -> Resting {
        self.resting[self.random.below(self.resting.len() as u64) as usize]
    }

    fn place(&mut self, account: u64, runner: u64, side: Side, tick: u16, size: Money, time_in_force: TimeInForce) {
        let (price, time_in_force) = (tick.into(), time_in_force as i32);
        let order = Place { market: 1, runner, side: side as i32, price, size, time_in_force, ..Place::default() };
        let outcome = self.send(account, Body::PlaceOrder(order));
        self.note_resting(Resting { id: outcome.id, account, tick, left: outcome.remaining });
    }

    fn note_resting(&mut self, order: Resting) {
        if order.left > 0 {
            self.places.insert(order.id, self.resting.len());
            self.resting.push(order);
        }
    }

    fn cancel(&mut self, order: Resting) {
        self.send(order.account, Body::CancelOrder { market: 1, order: order.id, reduction: 0 });
        self.drop_resting(order.id);
    }

    fn drop_resting(&mut self, id: u64) {
        let place = self.places.remove(&id).expect("it rests");
        self.resting.swap_remove(place);
        if let Some(moved) = self.resting.get(place) {
            self.places.insert(moved.id, place);
        }
    }

    fn send(&mut self, account: u64, body: Body) -> Outcome {
        self.commands += 1;
        let time_ms = START_MS + (self.commands / COMMANDS_PER_MS) as i64;
        let unique = self.random.below(u64::MAX);
        let command = Command { key: Key::made(time_ms, unique), account, body };
        let mut events = Vec::new();
        let answer = self.exchange.apply(time_ms, &command, &mut events).expect("no invariant is violated");
        assert_eq!(answer.outcome.code, Code::Ok, "the workload is never refused: {answer:?}");
        self.recorded.push((time_ms, command));
        for event in events {
            if let Event::Matched(fill) = event {
                self.trades += 1;
                let place = self.places[&fill.resting_order];
                self.resting[place].left -= fill.size;
                if self.resting[place].left == 0 {
                    self.drop_resting(fill.resting_order);
                }
            }
        }
        answer.outcome
    }
}
