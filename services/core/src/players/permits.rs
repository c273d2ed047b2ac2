//! Permits: slices of an account's money and allowances, lent by its home shard to another one, each by an id.
//!
//! Money leaves a wallet here for what is in transit and enters one there from it, so that each shard's books balance
//! alone. What tightens at home stops every permit, and is in force everywhere when each shard has confirmed that.

use super::wallet::tell_covered;
use crate::accounts::{Guest, Permit, LARGEST_CURRENCY};
use crate::command::{Grant, LimitKind, Return, Slice};
use crate::event::{CancelReason, Event, Granted, Returned};
use crate::events::Events;
use crate::exchange::Exchange;
use crate::money::{Money, LARGEST_AMOUNT, PENNY};
use crate::outcome::{Code, Outcome, Refusal};

/// The most shards that an account may have permits on.
const MOST_PERMITS: i64 = 64;

/// An allowance without a bound.
const ANY: Money = -1;

impl Exchange {
    /// At home: lends a slice.
    pub(crate) fn grant_permit(&mut self, grant: &Grant, events: &mut Events) -> Result<Outcome, Refusal> {
        let id = self.check_grant(grant)?;
        let &Grant { shard, money, loss, stake, .. } = grant;
        let balance = self.accounts.send(id, money);
        let permit = self.accounts[id].care_mut().permits.entry(shard).or_default();
        permit.money += money;
        permit.loss = grown(permit.loss, loss);
        permit.stake = grown(permit.stake, stake);
        permit.slices += 1;
        permit.live = true;
        let slice = permit.slices;
        let account = id.into();
        let granted = Granted { account, guest: 0, shard, id: slice, money, loss, stake, balance };
        events.push(Event::PermitGranted(Box::new(granted)));
        Ok(Outcome::done(slice))
    }

    fn check_grant(&self, grant: &Grant) -> Result<u32, Refusal> {
        let id = self.accounts.known(grant.account)?;
        let account = &self.accounts[id];
        if account.guest.is_some() {
            return Err(Refusal::of(Code::AccountIsGuest, grant.account));
        }
        self.require_verified(id)?;
        let care = account.care.as_deref();
        if care.is_some_and(|care| !care.pending.is_empty()) {
            return Err(Refusal::of(Code::ProtectionPending, grant.account));
        }
        account.check_protection(id, self.now_ms)?;
        if account.shortfall() > 0 {
            return Err(Refusal::new(Code::AccountBlocked, 0, account.shortfall()));
        }
        if grant.money < 0 || grant.money % PENNY != 0 {
            return Err(Refusal::new(Code::AmountOutOfRange, grant.money, PENNY));
        }
        if grant.money > account.available() {
            return Err(Refusal::new(Code::InsufficientFunds, grant.money, account.available()));
        }
        for (kind, slice) in [(LimitKind::Loss, grant.loss), (LimitKind::Stake, grant.stake)] {
            check_slice(slice, account.room(kind, self.now_ms))?;
        }
        let shards = care.map_or(0, |care| care.permits.len() as i64);
        let is_new = care.is_none_or(|care| !care.permits.contains_key(&grant.shard));
        Refusal::unless_within(shards + i64::from(is_new), MOST_PERMITS)?;
        Ok(id)
    }

    /// There: takes a slice in, and opens the guest's account with the first.
    pub(crate) fn accept_permit(&mut self, slice: &Slice, events: &mut Events) -> Result<Outcome, Refusal> {
        let known = self.check_slice_accepted(slice)?;
        let &Slice { home, account, id, currency, money, loss, stake } = slice;
        let guest_id = known.unwrap_or_else(|| {
            let book = self.accounts.book_of(currency);
            self.accounts.open_guest(home, account, book)
        });
        let guest = self.guest_mut(guest_id);
        guest.slices = id;
        guest.stopped = false;
        guest.loss = grown(guest.loss, loss);
        guest.stake = grown(guest.stake, stake);
        let (balance, covered) = self.accounts.receive(guest_id, money);
        let granted = Granted { account, guest: guest_id, shard: home, id, money, loss, stake, balance };
        events.push(Event::PermitAccepted(Box::new(granted)));
        tell_covered(guest_id, covered, events);
        Ok(Outcome::done(guest_id.into()))
    }

    fn check_slice_accepted(&self, slice: &Slice) -> Result<Option<u32>, Refusal> {
        let known = self.accounts.guest(slice.home, slice.account);
        let last = known.map_or(0, |guest| self.guest(guest).slices);
        check_next(slice.id, last)?;
        let wallet = known.map_or(0, |guest| self.accounts[guest].wallet);
        if slice.money < 0 || slice.money % PENNY != 0 {
            return Err(Refusal::new(Code::AmountOutOfRange, slice.money, PENNY));
        }
        if wallet.saturating_add(slice.money) > LARGEST_AMOUNT {
            return Err(Refusal::new(Code::AmountOutOfRange, slice.money, LARGEST_AMOUNT));
        }
        check_slice(slice.loss, None)?;
        check_slice(slice.stake, None)?;
        if slice.currency > LARGEST_CURRENCY {
            return Err(Refusal::new(Code::CurrencyMismatch, slice.currency.into(), LARGEST_CURRENCY.into()));
        }
        match known {
            Some(guest) if self.accounts.currency(guest) != slice.currency => {
                let own = self.accounts.currency(guest).into();
                return Err(Refusal::new(Code::CurrencyMismatch, own, slice.currency.into()));
            }
            Some(_) => {}
            None => self.check_account_room(slice.currency)?,
        }
        Ok(known)
    }

    /// There: no new bets under a permit.
    pub(crate) fn tighten_permit(&mut self, home: u32, account: u64, events: &mut Events) -> Result<Outcome, Refusal> {
        let id = self.known_guest(home, account)?;
        self.cancel_account(id, CancelReason::Protection, events);
        self.guest_mut(id).stopped = true;
        let guest = *self.guest(id);
        let exposed = (-guest.result).max(0) + self.accounts[id].held;
        let staked = guest.staked;
        events.push(Event::PermitTightened { home, account, guest: id, exposed, staked });
        Ok(Outcome::done(id.into()))
    }

    /// At home: what tightens stops every live permit. Whether some shard has to confirm that.
    pub(super) fn tighten(&mut self, id: u32, events: &mut Events) -> bool {
        let care = self.accounts[id].care_mut();
        let live: Vec<u32> = care.permits.iter().filter(|(_, permit)| permit.live).map(|(shard, _)| *shard).collect();
        if !live.is_empty() {
            care.pending.extend(live);
            let shards = care.pending.iter().copied().collect();
            events.push(Event::TighteningPending { account: id, shards });
        }
        !self.accounts[id].care_mut().pending.is_empty()
    }

    /// At home: a shard has stopped the permit there.
    pub(crate) fn confirm_tightening(
        &mut self,
        account: u64,
        shard: u32,
        (exposed, staked): (Money, Money),
        events: &mut Events,
    ) -> Result<Outcome, Refusal> {
        let id = self.accounts.known(account)?;
        let care = self.accounts[id].care.as_ref();
        if care.is_none_or(|care| !care.pending.contains(&shard)) {
            return Err(Refusal::of(Code::PermitUnknown, shard.into()));
        }
        if let Some(negative) = [exposed, staked].into_iter().find(|amount| *amount < 0) {
            return Err(Refusal::new(Code::PermitInvalid, negative, 0));
        }
        let permit = self.permit_mut(id, shard);
        (permit.loss, permit.stake) = (exposed, staked);
        self.confirmed(id, shard, events);
        Ok(Outcome::done(account))
    }

    /// A permit is stopped: a tightening that waited for it waits no more.
    fn confirmed(&mut self, id: u32, shard: u32, events: &mut Events) {
        self.permit_mut(id, shard).live = false;
        let care = self.accounts[id].care_mut();
        if care.pending.remove(&shard) {
            events.push(Event::TighteningConfirmed { account: id, shard });
            if care.pending.is_empty() {
                events.push(Event::TighteningInForce { account: id });
            }
        }
    }

    /// There: gives back what is free, and closes a stopped permit of which nothing is left.
    pub(crate) fn return_permit(
        &mut self,
        home: u32,
        account: u64,
        amount: Money,
        events: &mut Events,
    ) -> Result<Outcome, Refusal> {
        let id = self.known_guest(home, account)?;
        if amount < 0 || amount % PENNY != 0 {
            return Err(Refusal::new(Code::AmountOutOfRange, amount, PENNY));
        }
        let available = self.accounts[id].available();
        if amount > available {
            return Err(Refusal::new(Code::InsufficientFunds, amount, available));
        }
        let money = if amount == 0 { available.max(0) } else { amount };
        let closed = self.guest(id).stopped && self.accounts[id].orders == 0 && self.accounts[id].wallet == money;
        if money == 0 && !closed {
            return Err(Refusal::new(Code::InsufficientFunds, 0, available));
        }
        let balance = self.accounts.send(id, money);
        let guest = self.guest_mut(id);
        guest.returns += 1;
        let returned = guest.returns;
        let (result, staked) = if closed { (guest.result, guest.staked) } else { (0, 0) };
        if closed {
            (guest.result, guest.staked, guest.loss, guest.stake) = (0, 0, 0, 0);
        }
        let told = Returned { home, account, guest: id, id: returned, money, result, staked, closed, balance };
        events.push(Event::PermitReturned(Box::new(told)));
        Ok(Outcome::done(returned))
    }

    /// At home: takes in what came back.
    pub(crate) fn accept_return(&mut self, back: &Return, events: &mut Events) -> Result<Outcome, Refusal> {
        let id = self.check_return(back)?;
        let &Return { shard, id: returned, money, result, staked, closed, .. } = back;
        let permit = self.permit_mut(id, shard);
        permit.returns = returned;
        permit.money -= money;
        if closed {
            (permit.loss, permit.stake) = (0, 0);
            let used = self.accounts[id].usage.at(self.now_ms);
            used.results += result;
            used.stakes += staked;
        }
        let (balance, covered) = self.accounts.receive(id, money);
        events.push(Event::ReturnAccepted { account: id, shard, id: returned, money, closed, balance });
        tell_covered(id, covered, events);
        if closed {
            self.confirmed(id, shard, events);
        }
        Ok(Outcome::done(back.account))
    }

    fn check_return(&self, back: &Return) -> Result<u32, Refusal> {
        let id = self.accounts.known(back.account)?;
        let permit = self.accounts[id].care.as_ref().and_then(|care| care.permits.get(&back.shard));
        let permit = permit.ok_or(Refusal::of(Code::PermitUnknown, back.shard.into()))?;
        check_next(back.id, permit.returns)?;
        if back.money < 0 {
            return Err(Refusal::new(Code::AmountOutOfRange, back.money, 0));
        }
        if self.accounts[id].wallet.saturating_add(back.money) > LARGEST_AMOUNT {
            return Err(Refusal::new(Code::AmountOutOfRange, back.money, LARGEST_AMOUNT));
        }
        if back.staked < 0 {
            return Err(Refusal::new(Code::PermitInvalid, back.staked, 0));
        }
        Ok(id)
    }

    fn known_guest(&self, home: u32, account: u64) -> Result<u32, Refusal> {
        self.accounts.guest(home, account).ok_or(Refusal::of(Code::PermitUnknown, account))
    }

    fn guest(&self, id: u32) -> &Guest {
        self.accounts[id].guest.as_ref().expect("an account that a permit opened")
    }

    fn guest_mut(&mut self, id: u32) -> &mut Guest {
        self.accounts[id].guest.as_mut().expect("an account that a permit opened")
    }

    fn permit_mut(&mut self, id: u32, shard: u32) -> &mut Permit {
        self.accounts[id].care_mut().permits.get_mut(&shard).expect("a permit that was found")
    }
}

/// Refuses an id that is not the next one.
fn check_next(id: u64, last: u64) -> Result<(), Refusal> {
    if id <= last {
        return Err(Refusal::new(Code::PermitSeen, id as i64, last as i64));
    }
    if id != last + 1 {
        return Err(Refusal::new(Code::PermitInvalid, id as i64, last as i64 + 1));
    }
    Ok(())
}

/// Refuses a slice of an allowance beyond what there is room for; without a limit any may be lent.
fn check_slice(slice: Money, room: Option<Money>) -> Result<(), Refusal> {
    let (least, most) = room.map_or((ANY, LARGEST_AMOUNT), |room| (0, room.max(0)));
    if slice < ANY {
        return Err(Refusal::new(Code::PermitInvalid, slice, ANY));
    }
    if slice < least || slice > most {
        return Err(Refusal::new(Code::PermitInvalid, slice, most));
    }
    Ok(())
}

/// An allowance with one more slice: without a bound once a slice is.
fn grown(allowance: Money, slice: Money) -> Money {
    if allowance == ANY || slice == ANY {
        return ANY;
    }
    (allowance + slice).min(LARGEST_AMOUNT)
}
