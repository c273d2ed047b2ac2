//! Answers and events to their bytes.

use prost::Message;

use super::proto;
use crate::command::{Outturn, Rest, Terms};
use crate::event::{Accepted, Event, Fill, Granted, LimitChange, Resettled, Returned, VoidedBet};
use crate::outcome::{Answer, Outcome};

/// The `Outcome` of an answer.
fn outcome(answer: &Answer) -> proto::Outcome {
    let Outcome { code, id, matched, matched_payout, remaining, cancelled, given, bound, balance, available, .. } =
        answer.outcome;
    proto::Outcome {
        code: code as i32,
        id,
        matched,
        matched_payout,
        remaining,
        cancelled,
        given,
        bound,
        balance,
        available,
        repeated: answer.repeated,
        replaced: answer.outcome.replaced,
        pending: answer.outcome.pending,
    }
}

/// The bytes of an `Outcome`.
pub fn encode_answer(answer: &Answer) -> Vec<u8> {
    outcome(answer).encode_to_vec()
}

/// The bytes of an `Event`.
pub fn encode_event(event: Event) -> Vec<u8> {
    proto::Event { body: Some(body(event)) }.encode_to_vec()
}

fn body(event: Event) -> proto::event::Body {
    use proto::event::Body as Message;
    match event {
        Event::OrderAccepted(accepted) => Message::OrderAccepted(order_accepted(accepted)),
        Event::Matched(fill) => Message::Matched(matched(fill)),
        Event::OrderCancelled { order, account, market, size, reason } => {
            let (account, market, reason) = (account.into(), market.into(), reason as i32);
            Message::OrderCancelled(proto::OrderCancelled { order, account, market, size, reason })
        }
        Event::HoldChanged { account, market, before, after } => {
            let (account, market) = (account.into(), market.into());
            Message::HoldChanged(proto::HoldChanged { account, market, before, after })
        }
        Event::OrderReleased { order, account, market } => {
            Message::OrderReleased(proto::OrderReleased { order, account: account.into(), market: market.into() })
        }
        Event::OrderUpdated { order, account, market, persistence } => {
            let (account, market, persistence) = (account.into(), market.into(), persistence as i32);
            Message::OrderUpdated(proto::OrderUpdated { order, account, market, persistence })
        }
        Event::OrderReduced { order, account, market, matched_payout } => {
            let (account, market) = (account.into(), market.into());
            Message::OrderReduced(proto::OrderReduced { order, account, market, matched_payout })
        }
        Event::Refused { account, code, given, bound } => {
            Message::Refused(proto::Refused { account, code: code as i32, given, bound })
        }
        Event::RulesActivated { version } => Message::RulesActivated(proto::RulesActivated { version }),
        other => about_markets(other),
    }
}

fn about_markets(event: Event) -> proto::event::Body {
    use proto::event::Body as Message;
    match event {
        Event::MarketOpened { market, terms } => {
            let terms = Some(open_market(*terms));
            Message::MarketOpened(proto::MarketOpened { market: market.into(), terms })
        }
        Event::SuspensionSet { market, suspended, runner } => {
            Message::SuspensionSet(proto::SuspensionSet { market: market.into(), suspended, runner })
        }
        Event::TurnedInPlay { market } => Message::TurnedInPlay(proto::TurnedInPlay { market: market.into() }),
        Event::StartingPrice { market, runner, price, size } => {
            Message::StartingPrice(proto::StartingPrice { market: market.into(), runner, price, size })
        }
        Event::RunnerVoided { market, runner } => {
            Message::RunnerVoided(proto::RunnerVoided { market: market.into(), runner })
        }
        Event::RunnerRemoved { market, runner, factor_bp } => {
            Message::RunnerRemoved(proto::RunnerRemoved { market: market.into(), runner, factor_bp })
        }
        Event::BetVoided(bet) => Message::BetVoided(bet_voided(*bet)),
        Event::MarketSettled { market, result } => {
            let Outturn { winners, dead_heat, line_result, source } = *result;
            let market = market.into();
            Message::MarketSettled(proto::MarketSettled { market, winners, source, dead_heat, line_result })
        }
        Event::MarketVoided { market, reason } => {
            Message::MarketVoided(proto::MarketVoided { market: market.into(), reason: reason.into() })
        }
        Event::MarketResettled { market, result, voided } => {
            let Outturn { winners, dead_heat, line_result, source } = *result;
            let market = market.into();
            Message::MarketResettled(proto::MarketResettled { market, winners, source, dead_heat, line_result, voided })
        }
        Event::MarketFinal { market } => Message::MarketFinal(proto::MarketFinal { market: market.into() }),
        Event::RoundingBooked { market, amount } => {
            Message::RoundingBooked(proto::RoundingBooked { market: market.into(), amount })
        }
        other => about_money(other),
    }
}

fn about_money(event: Event) -> proto::event::Body {
    use proto::event::Body as Message;
    match event {
        Event::Deposited { account, amount, balance } => {
            Message::Deposited(proto::Deposited { account: account.into(), amount, balance })
        }
        Event::Withdrawn { account, amount, balance } => {
            Message::Withdrawn(proto::Withdrawn { account: account.into(), amount, balance })
        }
        Event::WithdrawalRequested { account, withdrawal, amount, balance } => {
            let account = account.into();
            Message::WithdrawalRequested(proto::WithdrawalRequested { account, withdrawal, amount, balance })
        }
        Event::WithdrawalEnded { account, withdrawal, amount, paid, balance } => {
            let account = account.into();
            Message::WithdrawalEnded(proto::WithdrawalEnded { account, withdrawal, amount, paid, balance })
        }
        Event::AccountSettled { account, market, profit, commission, balance } => {
            let (account, market) = (account.into(), market.into());
            Message::AccountSettled(proto::AccountSettled { account, market, profit, commission, balance })
        }
        Event::AccountResettled(resettled) => Message::AccountResettled(account_resettled(*resettled)),
        Event::ShortfallBooked { account, market, amount, settled } => {
            let (account, market) = (account.into(), market.into());
            Message::ShortfallBooked(proto::ShortfallBooked { account, market, amount, settled })
        }
        Event::ShortfallCovered { account, amount } => {
            Message::ShortfallCovered(proto::ShortfallCovered { account: account.into(), amount })
        }
        other => about_players(other),
    }
}

fn about_players(event: Event) -> proto::event::Body {
    use proto::event::Body as Message;
    match event {
        Event::AccountOpened { account, currency } => {
            Message::AccountOpened(proto::AccountOpened { account: account.into(), currency })
        }
        Event::AccountVerified { account } => {
            Message::AccountVerified(proto::AccountVerified { account: account.into() })
        }
        Event::HeartbeatSet { account, due_ms } => {
            Message::HeartbeatSet(proto::HeartbeatSet { account: account.into(), due_ms })
        }
        Event::HeartbeatExpired { account } => {
            Message::HeartbeatExpired(proto::HeartbeatExpired { account: account.into() })
        }
        Event::DiscountSet { account, discount_bp } => {
            let discount_bp = discount_bp.into();
            Message::DiscountSet(proto::DiscountSet { account: account.into(), discount_bp })
        }
        Event::LimitSet(change) => Message::LimitSet(limit_set(change)),
        Event::LimitInForce(change) => Message::LimitInForce(limit_in_force(change)),
        Event::TimeOutTaken { account, until_ms } => {
            Message::TimeOutTaken(proto::TimeOutTaken { account: account.into(), until_ms })
        }
        Event::SelfExcluded { account, until_ms } => {
            Message::SelfExcluded(proto::SelfExcluded { account: account.into(), until_ms })
        }
        Event::LiftingAsked { account, effective_ms } => {
            Message::LiftingAsked(proto::LiftingAsked { account: account.into(), effective_ms })
        }
        Event::ExclusionLifted { account } => {
            Message::ExclusionLifted(proto::ExclusionLifted { account: account.into() })
        }
        other => about_permits(other),
    }
}

fn about_permits(event: Event) -> proto::event::Body {
    use proto::event::Body as Message;
    match event {
        Event::PermitGranted(granted) => {
            let Granted { account, shard, id, money, loss, stake, balance, .. } = *granted;
            Message::PermitGranted(proto::PermitGranted { account, shard, id, money, loss, stake, balance })
        }
        Event::PermitAccepted(granted) => {
            let Granted { account, guest, shard: home, id, money, loss, stake, balance } = *granted;
            let guest = guest.into();
            Message::PermitAccepted(proto::PermitAccepted { home, account, guest, id, money, loss, stake, balance })
        }
        Event::PermitTightened { home, account, guest, exposed, staked } => {
            let guest = guest.into();
            Message::PermitTightened(proto::PermitTightened { home, account, guest, exposed, staked })
        }
        Event::TighteningPending { account, shards } => {
            let shards = shards.into();
            Message::TighteningPending(proto::TighteningPending { account: account.into(), shards })
        }
        Event::TighteningConfirmed { account, shard } => {
            Message::TighteningConfirmed(proto::TighteningConfirmed { account: account.into(), shard })
        }
        Event::TighteningInForce { account } => {
            Message::TighteningInForce(proto::TighteningInForce { account: account.into() })
        }
        Event::PermitReturned(returned) => {
            let Returned { home, account, guest, id, money, result, staked, closed, balance } = *returned;
            let guest = guest.into();
            Message::PermitReturned(proto::PermitReturned {
                home,
                account,
                guest,
                id,
                money,
                result,
                staked,
                closed,
                balance,
            })
        }
        Event::ReturnAccepted { account, shard, id, money, closed, balance } => {
            let account = account.into();
            Message::ReturnAccepted(proto::ReturnAccepted { account, shard, id, money, closed, balance })
        }
        _ => unreachable!("every other event was told before"),
    }
}

fn order_accepted(accepted: Accepted) -> proto::OrderAccepted {
    proto::OrderAccepted {
        order: accepted.order,
        account: accepted.account.into(),
        market: accepted.market.into(),
        runner: accepted.runner,
        side: accepted.side as i32,
        price: accepted.price,
        size: accepted.size,
        r#type: accepted.order_type as i32,
        persistence: accepted.persistence as i32,
        time_in_force: accepted.time_in_force as i32,
        min_fill: accepted.min_fill,
        strategy: accepted.strategy.into(),
        replaces: accepted.replaces,
        release_ms: accepted.release_ms,
    }
}

fn matched(fill: Fill) -> proto::Matched {
    proto::Matched {
        market: fill.market.into(),
        runner: fill.runner,
        price: fill.price,
        size: fill.size,
        resting_order: fill.resting_order,
        resting_account: fill.resting_account.into(),
        incoming_order: fill.incoming_order,
        incoming_account: fill.incoming_account.into(),
        incoming_side: fill.incoming_side as i32,
        payout: fill.payout,
        trade: fill.trade,
        group: fill.group.map_or(0, |back| fill.trade - u64::from(back)),
    }
}

fn bet_voided(bet: VoidedBet) -> proto::BetVoided {
    let ((backer_order, backer), (layer_order, layer)) = (bet.backer, bet.layer);
    proto::BetVoided {
        market: bet.market.into(),
        trade: bet.trade,
        runner: bet.runner,
        size: bet.size,
        payout: bet.payout,
        backer_order,
        backer_account: backer.into(),
        layer_order,
        layer_account: layer.into(),
        reason: bet.reason.into(),
    }
}

fn account_resettled(resettled: Resettled) -> proto::AccountResettled {
    proto::AccountResettled {
        account: resettled.account.into(),
        market: resettled.market.into(),
        profit_before: resettled.profit_before,
        commission_before: resettled.commission_before,
        profit: resettled.profit,
        commission: resettled.commission,
        balance: resettled.balance,
    }
}

fn limit_set(change: LimitChange) -> proto::LimitSet {
    let LimitChange { account, kind, window, by_operator, amount, effective_ms } = change;
    let (account, kind, window) = (account.into(), kind as i32 + 1, window as i32 + 1);
    proto::LimitSet { account, kind, window, amount, effective_ms, by_operator }
}

fn limit_in_force(change: LimitChange) -> proto::LimitInForce {
    let LimitChange { account, kind, window, by_operator, amount, .. } = change;
    let (account, kind, window) = (account.into(), kind as i32 + 1, window as i32 + 1);
    proto::LimitInForce { account, kind, window, amount, by_operator }
}

fn open_market(terms: Terms) -> proto::OpenMarket {
    let Rest { ladder, positions, line_minimum, line_interval, self_match, reduction, currency, .. } = terms.rest;
    let runners = terms.runners.into_iter().map(|runner| proto::Runner { id: runner.id, name: runner.name });
    proto::OpenMarket {
        name: terms.name,
        event: terms.event,
        event_type: terms.event_type,
        start_time_ms: terms.start_time_ms,
        runners: runners.collect(),
        winners: terms.winners,
        commission_bp: terms.commission_bp,
        minimum_stake: terms.minimum_stake,
        ladder,
        positions,
        line_minimum,
        line_interval,
        inactive: terms.rest.inactive,
        starting_price: terms.rest.starting_price,
        cross_matching: terms.rest.cross_matching,
        self_match,
        in_play_delay_ms: terms.rest.in_play_delay_ms,
        passive_delay: terms.rest.passive_delay,
        reduction,
        currency,
        variable_winners: terms.rest.variable_winners,
    }
}
