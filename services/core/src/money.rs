//! Money: an `i64` in 1/10 000 of the currency unit ("parts"). Whatever is rounded is rounded by a function of this file.

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

/// What the liability of a lay at the starting price may be at most: at 1.01 its stake is a hundred times as much.
pub const LARGEST_CLOSING_LIABILITY: Money = LARGEST_STAKE / STAKE_AT_LOWEST;

/// How many times its liability the stake of a lay is at the lowest price.
pub const STAKE_AT_LOWEST: Money = 100;

/// Basis points in a whole.
pub const WHOLE_BP: i64 = 10_000;

/// What a stake at a price in hundredths pays when it wins, stake included. Exact: a stake is a whole number of pennies.
#[inline]
pub fn payout(stake: Money, price: i64) -> Money {
    debug_assert_eq!(stake % PENNY, 0, "a stake of {stake} parts is not whole pennies");
    stake / PENNY * price
}

/// What the layer of a stake at a price loses when the runner wins; the backer's profit.
#[inline]
pub fn liability(stake: Money, price: i64) -> Money {
    stake / PENNY * (price - 100)
}

/// The stake that a liability buys at a price: down to whole pennies, so that it never costs more.
pub fn stake_of_liability(liability: Money, price: i64) -> Money {
    down_to_pennies(liability * PENNY / (price - 100))
}

/// Down to whole pennies; of something that is not negative.
#[inline]
pub fn down_to_pennies(amount: Money) -> Money {
    amount - amount % PENNY
}

/// Up to whole pennies; of something that is not negative.
#[inline]
pub fn up_to_pennies(amount: Money) -> Money {
    down_to_pennies(amount + PENNY - 1)
}

/// The commission on a market's net profit, less a discount: down to a whole part, in the player's favour. A loss pays
/// none.
pub fn commission(profit: Money, basis_points: u32, discount_bp: u16) -> Money {
    let share = i128::from(basis_points) * i128::from(WHOLE_BP - i64::from(discount_bp));
    let exact = i128::from(profit.max(0)) * share;
    Money::try_from(exact / i128::from(WHOLE_BP * WHOLE_BP)).expect("a commission is at most a fifth of a profit")
}

/// A payout after a reduction of the win price: down to a part, and never below 1.01 times the stake.
pub fn reduced_to_win(stake: Money, payout: Money, factor_bp: u32) -> Money {
    reduced(payout, factor_bp).max(stake * 101 / 100)
}

/// A payout after a reduction of the place price's winnings: down to a part.
pub fn reduced_to_place(stake: Money, payout: Money, factor_bp: u32) -> Money {
    stake + reduced(payout - stake, factor_bp)
}

fn reduced(amount: Money, factor_bp: u32) -> Money {
    let exact = i128::from(amount) * i128::from(WHOLE_BP - i64::from(factor_bp));
    Money::try_from(exact / i128::from(WHOLE_BP)).expect("a part of an amount that fits")
}

/// `whole` + `shared` x `places` / `runners`, down to a part: an account's profit in a dead heat.
pub fn dead_heat(whole: Money, shared: Money, places: usize, runners: usize) -> Money {
    let (places, runners) = (places as i128, runners as i128);
    let exact = i128::from(whole) * runners + i128::from(shared) * places;
    Money::try_from(exact.div_euclid(runners)).expect("a profit between two that fit")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payout_is_exact_at_the_smallest_stake_and_the_finest_price() {
        assert_eq!(payout(PENNY, 101), 101);
        assert_eq!(liability(PENNY, 101), 1);
        assert_eq!(liability(LARGEST_STAKE, 100_000), 999 * LARGEST_STAKE);
    }

    #[test]
    fn commission_is_rounded_down_and_never_taken_from_a_loss() {
        assert_eq!(commission(10_000, 500, 0), 500);
        assert_eq!(commission(39, 500, 0), 1);
        assert_eq!(commission(19, 500, 0), 0);
        assert_eq!(commission(-10_000, 500, 0), 0);
        assert_eq!(commission(10_000, 500, 2_000), 400);
        assert_eq!(commission(10_000, 500, 10_000), 0);
    }

    #[test]
    fn a_reduction_of_a_quarter_makes_6_00_of_8_00_to_win_and_6_25_to_be_placed() {
        assert_eq!(reduced_to_win(10_000, 80_000, 2_500), 60_000);
        assert_eq!(reduced_to_place(10_000, 80_000, 2_500), 62_500);
        assert_eq!(reduced_to_win(10_000, 10_200, 2_500), 10_100, "never below 1.01");
    }

    #[test]
    fn a_liability_buys_no_more_stake_than_it_can_bear() {
        assert_eq!(stake_of_liability(10_000, 300), 5_000);
        assert_eq!(stake_of_liability(10_000, 101), 1_000_000);
        assert_eq!(stake_of_liability(100, 400), 0, "a third of a penny is none");
    }

    #[test]
    fn a_dead_heat_rounds_an_accounts_whole_profit_down() {
        assert_eq!(dead_heat(-10_000, 30_000, 1, 2), 5_000);
        assert_eq!(dead_heat(0, 100, 1, 3), 33);
        assert_eq!(dead_heat(0, -100, 1, 3), -34);
    }
}
