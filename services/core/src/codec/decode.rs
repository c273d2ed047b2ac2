//! Commands from their bytes.

use prost::Message;

use super::proto;
use crate::command::{Body, Command, Grant, Outturn, Place, Replace, Rest, Return, RunnerTerms, Slice, Terms};
use crate::key::Key;
use crate::outcome::{Code, Refusal};

/// Bytes that are no command: whom to refuse, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undecodable {
    /// The actor, 0 where not even that can be read.
    pub account: u64,
    /// `MALFORMED` (not protobuf, or without a body that this build knows) or `KEY_INVALID`.
    pub refusal: Refusal,
}

/// Reads a command. Whether its values make sense is the state machine's matter.
///
/// # Errors
/// The bytes are no command, or its key is no UUIDv7.
pub fn decode(bytes: &[u8]) -> Result<Command, Undecodable> {
    let malformed = Refusal::new(Code::Malformed, 0, 0);
    let message = proto::Command::decode(bytes).map_err(|_| Undecodable { account: 0, refusal: malformed })?;
    let account = message.account;
    let refuse = |refusal| Undecodable { account, refusal };
    let key = Key::parse(&message.key).map_err(refuse)?;
    let body = message.body.map(body).ok_or(refuse(malformed))?;
    Ok(Command { key, account, body })
}

fn body(body: proto::command::Body) -> Body {
    use proto::command::Body as Message;
    match body {
        Message::PlaceOrder(m) => Body::PlaceOrder(place(m)),
        Message::CancelOrder(m) => Body::CancelOrder { market: m.market, order: m.order, reduction: m.reduction },
        Message::ReplaceOrder(m) => {
            let proto::ReplaceOrder { market, order, price, market_version } = m;
            Body::ReplaceOrder(Replace { market, order, price, market_version })
        }
        Message::UpdateOrder(m) => Body::UpdateOrder { market: m.market, order: m.order, persistence: m.persistence },
        Message::CancelAll(m) => Body::CancelAll { market: m.market, strategy: m.strategy, account: m.account },
        Message::Heartbeat(m) => Body::Heartbeat { timeout_ms: m.timeout_ms },
        Message::Tick(_) => Body::Tick,
        Message::ActivateRules(m) => Body::ActivateRules { version: m.version },
        Message::OpenMarket(_)
        | Message::SetSuspension(_)
        | Message::TurnInPlay(_)
        | Message::VoidRunner(_)
        | Message::RemoveRunner(_)
        | Message::VoidBet(_)
        | Message::SettleMarket(_)
        | Message::VoidMarket(_)
        | Message::ResettleMarket(_) => about_markets(body),
        about_players => self::about_players(about_players),
    }
}

fn about_markets(body: proto::command::Body) -> Body {
    use proto::command::Body as Message;
    match body {
        Message::OpenMarket(m) => Body::OpenMarket(Box::new(terms(m))),
        Message::SetSuspension(m) => Body::SetSuspension { market: m.market, runner: m.runner, suspended: m.suspended },
        Message::TurnInPlay(m) => Body::TurnInPlay { market: m.market },
        Message::VoidRunner(m) => Body::VoidRunner { market: m.market, runner: m.runner },
        Message::RemoveRunner(m) => Body::RemoveRunner { market: m.market, runner: m.runner, factor_bp: m.factor_bp },
        Message::VoidBet(m) => Body::VoidBet { market: m.market, trade: m.trade, reason: m.reason },
        Message::SettleMarket(m) => {
            let proto::SettleMarket { market, winners, source, dead_heat, line_result } = m;
            Body::SettleMarket { market, result: Box::new(Outturn { winners, dead_heat, line_result, source }) }
        }
        Message::VoidMarket(m) => Body::VoidMarket { market: m.market, reason: m.reason },
        Message::ResettleMarket(m) => {
            let proto::ResettleMarket { market, winners, source, dead_heat, line_result } = m;
            Body::ResettleMarket { market, result: Box::new(Outturn { winners, dead_heat, line_result, source }) }
        }
        _ => unreachable!("only what is about markets comes here"),
    }
}

fn about_players(body: proto::command::Body) -> Body {
    use proto::command::Body as Message;
    match body {
        Message::OpenAccount(m) => Body::OpenAccount { currency: m.currency },
        Message::VerifyAccount(m) => Body::VerifyAccount { account: m.account },
        Message::Deposit(m) => Body::Deposit { amount: m.amount },
        Message::Withdraw(m) => Body::Withdraw { amount: m.amount },
        Message::RequestWithdrawal(m) => Body::RequestWithdrawal { amount: m.amount },
        Message::EndWithdrawal(m) => Body::EndWithdrawal { withdrawal: m.withdrawal, paid: m.paid },
        Message::SetDiscount(m) => Body::SetDiscount { account: m.account, discount_bp: m.discount_bp },
        Message::SetLimit(m) => Body::SetLimit { account: m.account, kind: m.kind, window: m.window, amount: m.amount },
        Message::TakeTimeOut(m) => Body::TakeTimeOut { account: m.account, duration_ms: m.duration_ms },
        Message::SelfExclude(m) => Body::SelfExclude { account: m.account, duration_ms: m.duration_ms },
        Message::LiftExclusion(_) => Body::LiftExclusion,
        Message::GrantPermit(m) => {
            let proto::GrantPermit { account, shard, money, loss, stake } = m;
            Body::GrantPermit(Grant { account, shard, money, loss, stake })
        }
        Message::AcceptPermit(m) => {
            let proto::AcceptPermit { home, account, id, currency, money, loss, stake } = m;
            Body::AcceptPermit(Slice { home, account, id, currency, money, loss, stake })
        }
        Message::TightenPermit(m) => Body::TightenPermit { home: m.home, account: m.account },
        Message::ConfirmTightening(m) => {
            let proto::ConfirmTightening { account, shard, exposed, staked } = m;
            Body::ConfirmTightening { account, shard, exposed, staked }
        }
        Message::ReturnPermit(m) => Body::ReturnPermit { home: m.home, account: m.account, amount: m.amount },
        Message::AcceptReturn(m) => {
            let proto::AcceptReturn { account, shard, id, money, result, staked, closed } = m;
            Body::AcceptReturn(Return { account, shard, id, money, result, staked, closed })
        }
        _ => unreachable!("the others were told before"),
    }
}

fn place(message: proto::PlaceOrder) -> Place {
    Place {
        market: message.market,
        runner: message.runner,
        side: message.side,
        price: message.price,
        size: message.size,
        order_type: message.r#type,
        persistence: message.persistence,
        time_in_force: message.time_in_force,
        min_fill: message.min_fill,
        strategy: message.strategy,
        market_version: message.market_version,
    }
}

fn terms(message: proto::OpenMarket) -> Terms {
    Terms {
        name: message.name,
        event: message.event,
        event_type: message.event_type,
        start_time_ms: message.start_time_ms,
        runners: message.runners.into_iter().map(|runner| RunnerTerms { id: runner.id, name: runner.name }).collect(),
        winners: message.winners,
        commission_bp: message.commission_bp,
        minimum_stake: message.minimum_stake,
        rest: Rest {
            ladder: message.ladder,
            positions: message.positions,
            line_minimum: message.line_minimum,
            line_interval: message.line_interval,
            inactive: message.inactive,
            starting_price: message.starting_price,
            cross_matching: message.cross_matching,
            self_match: message.self_match,
            in_play_delay_ms: message.in_play_delay_ms,
            passive_delay: message.passive_delay,
            reduction: message.reduction,
            currency: message.currency,
            variable_winners: message.variable_winners,
        },
    }
}
