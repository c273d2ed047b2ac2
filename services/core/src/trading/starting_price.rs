//! A market turns in play: one price a runner for all who left it to the market, then what is not meant for play lapses.

use std::collections::BTreeMap;

use super::checks::Ticket;
use super::Concerned;
use crate::command::{Persistence, Side, TimeInForce};
use crate::event::{CancelReason, Event, Fill};
use crate::events::Events;
use crate::exchange::Exchange;
use crate::ladder::Ladder;
use crate::markets::Status;
use crate::money::{down_to_pennies, liability, payout, stake_of_liability, Money, LARGEST_CLOSING_LIABILITY};
use crate::orders::{Label, Orders, Standing};
use crate::outcome::{Code, Outcome, Refusal};

/// One order in an auction.
#[derive(Clone, Copy)]
struct Bidder {
    slot: u32,
    id: u64,
    label: Label,
    remaining: Money,
}

impl Bidder {
    fn of(orders: &Orders, slot: u32) -> Self {
        let order = &orders[slot];
        Self { slot, id: order.id, label: order.label, remaining: order.remaining() }
    }

    /// Whether it takes part at a tick.
    fn takes_part(&self, tick: u32) -> bool {
        match (self.label.standing(), self.label.side()) {
            (Standing::MarketOnClose, _) => true,
            (_, Side::Back) => self.label.tick() <= tick,
            (_, Side::Lay) => self.label.tick() >= tick,
        }
    }

    /// Its stake at a price.
    fn stake(&self, price: i64) -> Money {
        if self.label.on_close() && self.label.side() == Side::Lay {
            stake_of_liability(self.remaining, price)
        } else {
            self.remaining
        }
    }

    /// Who gives first: those without a limit, then the better limit, then the older.
    fn rank(&self) -> (bool, u32, u64) {
        let limited = self.label.standing() != Standing::MarketOnClose;
        let limit = match self.label.side() {
            _ if !limited => 0,
            Side::Back => self.label.tick(),
            Side::Lay => u32::MAX - self.label.tick(),
        };
        (limited, limit, self.id)
    }
}

/// What is left to give, by slot.
type Stakes = Vec<(u32, Money)>;

/// What was matched of orders on close, by slot: stake, and what of their size that took.
type Closed = BTreeMap<u32, (Money, Money)>;

impl Exchange {
    /// Turns a market in play.
    pub(crate) fn turn_in_play(&mut self, id: u64, events: &mut Events) -> Result<Outcome, Refusal> {
        let market = self.markets.not_closed(id)?;
        if self.markets[market].status == Status::Inactive {
            return Err(Refusal::of(Code::MarketInactive, id));
        }
        if self.markets[market].in_play {
            return Err(Refusal::of(Code::MarketInPlay, id));
        }
        events.push(Event::TurnedInPlay { market });
        let mut closed = Closed::new();
        if self.markets[market].rules.starting_price {
            self.leave_to_the_market(market, events);
            for runner in self.markets[market].active_runners().collect::<Vec<u16>>() {
                self.auction(market, runner, &mut closed, events);
            }
        }
        for slot in self.resting_in(market) {
            let label = self.orders[slot].label;
            if label.on_close() {
                let (matched, taken) = closed.get(&slot).copied().unwrap_or_default();
                self.end_on_close(slot, matched, taken, events);
            } else if label.persistence() != Persistence::Persist {
                self.take_all_off(slot, CancelReason::TurnedInPlay, events);
            }
        }
        let mut all = Concerned::default();
        self.markets[market].exposures.iter().for_each(|slot| all.add(*slot));
        self.update_holds(all, events);
        self.markets[market].in_play = true;
        self.markets[market].change_terms(self.step);
        Ok(Outcome::done(id))
    }

    /// Makes orders on close of the limit orders that are to become ones.
    fn leave_to_the_market(&mut self, market: u32, events: &mut Events) {
        for slot in self.resting_in(market) {
            let label = self.orders[slot].label;
            if label.on_close() || label.persistence() != Persistence::MarketOnClose {
                continue;
            }
            let ticket = self.closing_ticket(market, slot);
            let room = self.check_room(&ticket).is_ok();
            if ticket.size == 0 || !room {
                self.take_all_off(slot, CancelReason::TurnedInPlay, events);
                continue;
            }
            self.take_all_off(slot, CancelReason::Replaced, events);
            self.accept(self.orders[slot].exposure, &ticket, 0, events);
        }
    }

    fn closing_ticket(&self, market: u32, slot: u32) -> Ticket {
        let (order, terms) = (&self.orders[slot], &self.markets[market]);
        let (label, left) = (order.label, order.remaining());
        let size = match label.side() {
            Side::Back => left,
            Side::Lay => {
                let liability = liability(left, terms.ladder().price(label.tick()));
                down_to_pennies(liability.min(LARGEST_CLOSING_LIABILITY))
            }
        };
        Ticket {
            account: self.exposures[order.exposure].account,
            market,
            exposure: Some(order.exposure),
            runner_id: terms.runners[usize::from(label.runner())].id,
            label: Label::new(0, label.runner(), label.side(), Standing::MarketOnClose, Persistence::Lapse),
            size,
            risk: size,
            time_in_force: TimeInForce::Day,
            min_fill: 0,
            strategy: order.strategy(),
            replaces: order.id,
        }
    }

    /// Finds a runner's starting price and matches what can be at it.
    fn auction(&mut self, market: u32, runner: u16, closed: &mut Closed, events: &mut Events) {
        let on_runner = |slot: &u32| self.orders[*slot].label.runner() == runner;
        let bidders = self.resting_in(market).into_iter().filter(on_runner);
        let bidders = bidders.map(|slot| Bidder::of(&self.orders, slot));
        let (mut backs, mut lays): (Vec<Bidder>, Vec<Bidder>) =
            bidders.partition(|bidder| bidder.label.side() == Side::Back);
        let ladder = self.markets[market].ladder();
        let Some((tick, volume)) = starting_price(&backs, &lays, ladder) else { return };
        let runner_id = self.markets[market].runners[usize::from(runner)].id;
        self.markets[market].runners[usize::from(runner)].starting = Some((tick, volume));
        events.push(Event::StartingPrice { market, runner: runner_id, price: tick, size: volume });
        let price = ladder.price(tick);
        for side in [&mut backs, &mut lays] {
            side.retain(|bidder| bidder.takes_part(tick));
            side.sort_unstable_by_key(Bidder::rank);
        }
        let stakes = |side: &[Bidder]| side.iter().map(|bidder| (bidder.slot, bidder.stake(price))).collect();
        let (mut backs, mut lays): (Stakes, Stakes) = (stakes(&backs), stakes(&lays));
        let (mut left, mut back, mut lay) = (volume, 0, 0);
        while left > 0 {
            let size = left.min(backs[back].1).min(lays[lay].1);
            if size > 0 {
                self.match_at_start(market, (backs[back].0, lays[lay].0), (tick, size), closed, events);
            }
            (left, backs[back].1, lays[lay].1) = (left - size, backs[back].1 - size, lays[lay].1 - size);
            (back, lay) = (back + usize::from(backs[back].1 == 0), lay + usize::from(lays[lay].1 == 0));
        }
    }

    fn match_at_start(
        &mut self,
        market: u32,
        (back, lay): (u32, u32),
        (tick, size): (u32, Money),
        closed: &mut Closed,
        events: &mut Events,
    ) {
        let terms = &mut self.markets[market];
        let (price, runner) = (terms.ladder().price(tick), self.orders[back].label.runner());
        let paid = payout(size, price);
        terms.book_mut(runner).trade(tick, size);
        let trade = self.trades.add(&mut terms.trades, (runner, tick), (back, lay), (size, paid), None);
        let account = |slot: u32| self.exposures[self.orders[slot].exposure].account;
        events.matched(Fill {
            market,
            price: tick,
            runner: terms.runners[usize::from(runner)].id,
            size,
            payout: paid,
            resting_order: self.orders[back].id,
            incoming_order: self.orders[lay].id,
            resting_account: account(back),
            incoming_account: account(lay),
            incoming_side: Side::Lay,
            trade,
            group: None,
        });
        for slot in [back, lay] {
            let label = self.orders[slot].label;
            if label.on_close() {
                let (matched, taken) = closed.entry(slot).or_default();
                *matched += size;
                *taken += if label.side() == Side::Back { size } else { paid - size };
                self.desk(self.orders[slot].exposure).add_bet(slot, tick, size, paid);
            } else {
                let mut desk = self.desk(self.orders[slot].exposure);
                let left = desk.unrest(slot, label, size);
                desk.fill(slot, tick, size, paid);
                if left == 0 {
                    desk.retire(slot);
                }
            }
        }
    }
}

/// The tick at which most is matched, then least is left over, then the lowest; with the volume.
fn starting_price(backs: &[Bidder], lays: &[Bidder], ladder: Ladder) -> Option<(u32, Money)> {
    let sum = |side: &[Bidder], tick: u32| -> Money {
        let stakes = side.iter().filter(|bidder| bidder.takes_part(tick));
        stakes.map(|bidder| bidder.stake(ladder.price(tick))).sum()
    };
    let at = |tick| {
        let (back, lay) = (sum(backs, tick), sum(lays, tick));
        (back.min(lay), -(back - lay).abs(), tick)
    };
    let best = (0..ladder.ticks()).rev().map(at).max_by_key(|(volume, leftover, _)| (*volume, *leftover))?;
    (best.0 > 0).then_some((best.2, best.0))
}
