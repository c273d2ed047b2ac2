//! The CLASSIC price ladder: 350 prices from 1.01 to 1000, in hundredths, each named by its tick (its index).

/// How many prices the ladder has.
pub const PRICES: usize = 350;

/// The highest tick: price 1000.
pub const LAST_TICK: u16 = PRICES as u16 - 1;

/// Where a step begins, where it ends (exclusive) and how wide it is, in hundredths: the published ladder.
const STEPS: [(i64, i64, i64); 10] = [
    (101, 200, 1),
    (200, 300, 2),
    (300, 400, 5),
    (400, 600, 10),
    (600, 1_000, 20),
    (1_000, 2_000, 50),
    (2_000, 3_000, 100),
    (3_000, 5_000, 200),
    (5_000, 10_000, 500),
    (10_000, 100_001, 1_000),
];

/// Price in hundredths by tick: `CLASSIC[0]` = 101, `CLASSIC[349]` = 100 000.
pub static CLASSIC: [i64; PRICES] = build();

const fn build() -> [i64; PRICES] {
    let mut prices = [0; PRICES];
    let (mut tick, mut step) = (0, 0);
    while step < STEPS.len() {
        let (mut price, end, width) = STEPS[step];
        while price < end {
            prices[tick] = price;
            tick += 1;
            price += width;
        }
        step += 1;
    }
    assert!(tick == PRICES, "the steps do not make 350 prices");
    prices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rises_strictly_from_1_01_to_1000() {
        assert!(CLASSIC.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!((CLASSIC[0], CLASSIC[99], CLASSIC[usize::from(LAST_TICK)]), (101, 200, 100_000));
    }
}
