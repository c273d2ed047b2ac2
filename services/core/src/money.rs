//! Money: an `i64` in 1/10 000 of the currency unit ("parts"). Exact everywhere but in [`commission`].

use crate::ladder::CLASSIC;

/// An amount in parts: 1/10 000 of the currency unit.
pub type Money = i64;

/// Parts in a penny: the grain of stakes, deposits and withdrawals.
pub const PENNY: Money = 100;

/// The most that one deposit or withdrawal, and a wallet after a deposit, may be: 100 billion units.
pub const LARGEST_AMOUNT: Money = 1_000_000_000_000_000;

/// The most stake that one account may have at work (matched or resting) in one market: 100 million units.
///
/// With odds of at most 1000 no position passes 10^15 parts, and the holds of one account over every open
/// market a shard may have stay inside an `i64` with nothing left to chance.
pub const LARGEST_STAKE: Money = 1_000_000_000_000;

/// What a stake at a tick pays when it wins, stake included. Exact: a stake is a whole number of pennies.
#[inline]
pub fn payout(stake: Money, tick: u16) -> Money {
    debug_assert_eq!(stake % PENNY, 0, "a stake of {stake} parts is not whole pennies");
    stake / PENNY * CLASSIC[usize::from(tick)]
}

/// What the layer of a stake at a tick loses when the runner wins; the backer's profit.
#[inline]
pub fn liability(stake: Money, tick: u16) -> Money {
    payout(stake, tick) - stake
}

/// The commission on a market's net profit: the only rounding in the core, down to a whole part, in the player's
/// favour. A loss pays none.
pub fn commission(profit: Money, basis_points: u32) -> Money {
    let exact = i128::from(profit.max(0)) * i128::from(basis_points);
    Money::try_from(exact / 10_000).expect("a commission is at most a fifth of a profit that fits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payout_is_exact_at_the_smallest_stake_and_the_finest_price() {
        assert_eq!(payout(PENNY, 0), 101);
        assert_eq!(liability(PENNY, 0), 1);
        assert_eq!(liability(LARGEST_STAKE, 349), 999 * LARGEST_STAKE);
    }

    #[test]
    fn commission_is_rounded_down_and_never_taken_from_a_loss() {
        assert_eq!(commission(10_000, 500), 500);
        assert_eq!(commission(39, 500), 1);
        assert_eq!(commission(19, 500), 0);
        assert_eq!(commission(-10_000, 500), 0);
    }
}
