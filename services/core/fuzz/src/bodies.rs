//! Commands of every kind from bytes: mostly sensible ones, so that the sequence gets somewhere.

use valletta_core::command::{Body, Grant, Outturn, Place, Replace, Rest, Return, RunnerTerms, Slice, Terms};

use crate::source::Source;

const ACCOUNTS: u32 = 6;
const RUNNERS: u32 = 4;

/// Who sends what next; `sent`: how many commands were sent so far.
pub fn body(source: &mut Source, sent: u64) -> (u64, Body) {
    let account = u64::from(1 + source.below(ACCOUNTS));
    match source.below(64) {
        0..=27 => (account, Body::PlaceOrder(place(source))),
        28..=43 => (account, about_orders(source, sent)),
        44..=54 => about_markets(source),
        _ => about_players(source, account),
    }
}

fn market(source: &mut Source) -> u64 {
    u64::from(1 + source.below(5))
}

fn runner(source: &mut Source) -> u64 {
    u64::from(1 + source.below(RUNNERS + 1))
}

fn tick(source: &mut Source) -> u32 {
    match source.below(12) {
        0 => source.any() as u32,
        1 => source.below(10),
        _ => 96 + source.below(6),
    }
}

fn place(source: &mut Source) -> Place {
    let plain = source.below(3) > 0;
    Place {
        market: market(source),
        runner: runner(source),
        side: 1 + source.below(2) as i32,
        price: tick(source),
        size: source.amount(),
        order_type: if plain { 0 } else { source.below(4) as i32 },
        persistence: if plain { 0 } else { source.below(5) as i32 },
        time_in_force: if plain { 0 } else { source.below(4) as i32 },
        min_fill: if plain { 0 } else { source.amount() },
        strategy: if plain { 0 } else { source.below(3) },
        market_version: if plain { 0 } else { u64::from(source.below(3)) },
    }
}

fn about_orders(source: &mut Source, sent: u64) -> Body {
    let market = market(source);
    let order = 1 + (sent / 3).saturating_sub(u64::from(source.below(24)));
    match source.below(8) {
        0..=2 => Body::CancelOrder { market, order, reduction: source.amount() },
        3..=5 => Body::ReplaceOrder(Replace { market, order, price: tick(source), market_version: 0 }),
        6 => Body::UpdateOrder { market, order, persistence: source.below(5) as i32 },
        _ => Body::CancelAll { market: source.one_of(&[0, market]), strategy: source.below(3), account: 0 },
    }
}

/// Terms of every kind, now and then such that are refused.
pub fn open_market(source: &mut Source) -> Body {
    let ladder = source.one_of(&[0, 0, 0, 0, 1, 2, 3]);
    let count = if ladder == 2 { 1 } else { 1 + source.below(RUNNERS) };
    let variable_winners = source.one_in(8);
    let plain = source.one_in(3);
    let starting_price = ladder == 0 && source.below(2) == 0;
    let winners = if variable_winners { 0 } else { 1 + source.below(count) / 2 };
    let rest = Rest {
        ladder,
        positions: if ladder == 2 { source.one_of(&[1, 110, 400, 10_000, 10_001]) } else { 0 },
        inactive: source.one_in(12),
        starting_price,
        cross_matching: winners == 1 && count > 1 && ladder < 2 && source.below(2) == 0,
        self_match: source.below(4) as i32,
        in_play_delay_ms: source.one_of(&[0, 0, 1_000, 60_000, 60_001]),
        passive_delay: source.below(2) == 0,
        reduction: if ladder == 2 { 0 } else { source.below(3) as i32 },
        currency: source.one_of(&[0, 0, 0, 0, 978]),
        variable_winners,
        ..Rest::default()
    };
    Body::OpenMarket(Box::new(Terms {
        runners: (1..=u64::from(count)).map(|id| RunnerTerms { id, name: String::new() }).collect(),
        winners,
        commission_bp: u32::from(source.byte()) * 8,
        minimum_stake: source.one_of(&[100, 100, 100, 1_000, 150]),
        rest: if plain { Rest::default() } else { rest },
        ..Terms::default()
    }))
}

fn outturn(source: &mut Source) -> Box<Outturn> {
    let named = |source: &mut Source, most: u32| (0..source.below(most)).map(|_| runner(source)).collect();
    let line = source.one_in(3);
    Box::new(Outturn {
        winners: if line { Vec::new() } else { named(source, 3) },
        dead_heat: if source.one_in(3) { named(source, 4) } else { Vec::new() },
        line_result: line.then(|| 94 + source.below(10)),
        source: "fuzz".to_owned(),
    })
}

fn about_markets(source: &mut Source) -> (u64, Body) {
    let (market, runner, account) = (market(source), runner(source), u64::from(source.below(ACCOUNTS)));
    let reason = String::new();
    let body = match source.below(32) {
        0..=4 => open_market(source),
        5..=8 => {
            let (market, runner) = source.one_of(&[(market, 0), (market, runner), (0, 0)]);
            Body::SetSuspension { market, runner, suspended: source.one_in(3) }
        }
        9..=12 => Body::TurnInPlay { market },
        13 => Body::VoidRunner { market, runner },
        14..=16 => Body::RemoveRunner { market, runner, factor_bp: 40 * u32::from(source.byte()) },
        17..=20 => Body::VoidBet { market, trade: u64::from(1 + source.below(20)), reason },
        21..=24 => Body::SettleMarket { market, result: outturn(source) },
        25..=27 => Body::ResettleMarket { market, result: outturn(source) },
        28 => Body::VoidMarket { market, reason },
        29 => Body::CancelAll { market, strategy: 0, account },
        30 => Body::ActivateRules { version: source.below(4) },
        _ => Body::Tick,
    };
    (0, body)
}

fn about_players(source: &mut Source, account: u64) -> (u64, Body) {
    let (amount, shard) = (source.amount(), source.below(3));
    let (loss, stake) = (source.amount() - 1, source.amount() - 1);
    let id = u64::from(1 + source.below(4));
    let duration_ms = source.one_of(&[0, 86_400_000, 15_811_200_000, -1, i64::MAX]);
    let sender = source.one_of(&[account, account, 0]);
    let named = if sender == 0 { account } else { 0 };
    match source.below(32) {
        0..=7 => (account, Body::Deposit { amount }),
        8..=10 => (account, Body::Withdraw { amount }),
        11 => (account, Body::RequestWithdrawal { amount }),
        12 => (0, Body::EndWithdrawal { withdrawal: id, paid: source.below(2) == 0 }),
        13 => (account, Body::Heartbeat { timeout_ms: source.one_of(&[0, 10_000, 300_000, 9_999]) }),
        14..=17 => {
            let (kind, window) = (source.below(5) as i32, source.below(5) as i32);
            (sender, Body::SetLimit { account: named, kind, window, amount })
        }
        18 => (sender, Body::TakeTimeOut { account: named, duration_ms }),
        19 => (sender, Body::SelfExclude { account: named, duration_ms }),
        20 => (account, Body::LiftExclusion),
        21 => (0, Body::SetDiscount { account, discount_bp: 50 * u32::from(source.byte()) }),
        22 => (0, Body::OpenAccount { currency: source.one_of(&[0, 978, 1_000]) }),
        23 => (0, Body::VerifyAccount { account }),
        24 | 25 => (0, Body::GrantPermit(Grant { account, shard, money: amount, loss, stake })),
        26 | 27 => {
            let currency = source.one_of(&[0, 0, 978]);
            (0, Body::AcceptPermit(Slice { home: shard, account, id, currency, money: amount, loss, stake }))
        }
        28 => (0, Body::TightenPermit { home: shard, account }),
        29 => (0, Body::ConfirmTightening { account, shard, exposed: loss, staked: stake }),
        30 => (0, Body::ReturnPermit { home: shard, account, amount: source.one_of(&[0, amount]) }),
        _ => {
            let closed = source.below(2) == 0;
            (0, Body::AcceptReturn(Return { account, shard, id, money: amount, result: loss, staked: stake, closed }))
        }
    }
}
