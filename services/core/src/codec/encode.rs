//! Answers and events to their bytes.

use prost::Message;

use super::proto;
use crate::command::Terms;
use crate::event::{Event, Fill};
use crate::outcome::{Answer, Outcome};

/// The bytes of an `Outcome`.
pub fn encode_answer(answer: &Answer) -> Vec<u8> {
    let Outcome { code, id, matched, matched_payout, remaining, cancelled, given, bound, balance, available } =
        answer.outcome;
    let message = proto::Outcome {
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
    };
    message.encode_to_vec()
}

/// The bytes of an `Event`.
pub fn encode_event(event: Event) -> Vec<u8> {
    proto::Event { body: Some(body(event)) }.encode_to_vec()
}

fn body(event: Event) -> proto::event::Body {
    use proto::event::Body as Message;
    match event {
        Event::Refused { account, code, given, bound } => {
            Message::Refused(proto::Refused { account, code: code as i32, given, bound })
        }
        Event::RulesActivated { version } => Message::RulesActivated(proto::RulesActivated { version }),
        Event::AccountOpened { account } => Message::AccountOpened(proto::AccountOpened { account }),
        Event::AccountVerified { account } => Message::AccountVerified(proto::AccountVerified { account }),
        Event::Deposited { account, amount, balance } => {
            Message::Deposited(proto::Deposited { account, amount, balance })
        }
        Event::Withdrawn { account, amount, balance } => {
            Message::Withdrawn(proto::Withdrawn { account, amount, balance })
        }
        Event::MarketOpened { market, terms } => {
            Message::MarketOpened(proto::MarketOpened { market, terms: Some(open_market(*terms)) })
        }
        Event::SuspensionSet { market, suspended } => {
            Message::SuspensionSet(proto::SuspensionSet { market, suspended })
        }
        Event::OrderAccepted { order, account, market, runner, side, price, size } => {
            let (side, price) = (side as i32, price.into());
            Message::OrderAccepted(proto::OrderAccepted { order, account, market, runner, side, price, size })
        }
        Event::Matched(fill) => Message::Matched(matched(fill)),
        Event::OrderCancelled { order, account, market, size, reason } => {
            Message::OrderCancelled(proto::OrderCancelled { order, account, market, size, reason: reason as i32 })
        }
        Event::HoldChanged { account, market, before, after } => {
            Message::HoldChanged(proto::HoldChanged { account, market, before, after })
        }
        Event::RunnerVoided { market, runner } => Message::RunnerVoided(proto::RunnerVoided { market, runner }),
        Event::MarketSettled { market, winners, source } => {
            let (winners, source) = (winners.into(), source.into());
            Message::MarketSettled(proto::MarketSettled { market, winners, source })
        }
        Event::MarketVoided { market, reason } => {
            Message::MarketVoided(proto::MarketVoided { market, reason: reason.into() })
        }
        Event::AccountSettled { account, market, profit, commission, balance } => {
            Message::AccountSettled(proto::AccountSettled { account, market, profit, commission, balance })
        }
        Event::ShortfallBooked { account, market, amount, settled } => {
            Message::ShortfallBooked(proto::ShortfallBooked { account, market, amount, settled })
        }
        Event::ShortfallCovered { account, amount } => {
            Message::ShortfallCovered(proto::ShortfallCovered { account, amount })
        }
    }
}

fn matched(fill: Fill) -> proto::Matched {
    proto::Matched {
        market: fill.market,
        runner: fill.runner,
        price: fill.price.into(),
        size: fill.size,
        resting_order: fill.resting_order,
        resting_account: fill.resting_account,
        incoming_order: fill.incoming_order,
        incoming_account: fill.incoming_account,
        incoming_side: fill.incoming_side as i32,
    }
}

fn open_market(terms: Terms) -> proto::OpenMarket {
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
    }
}
