//! Commands from their bytes.

use prost::Message;

use super::proto;
use crate::command::{Body, Command, Place, RunnerTerms, Terms};
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
        Message::PlaceOrder(m) => {
            let proto::PlaceOrder { market, runner, side, price, size } = m;
            Body::PlaceOrder(Place { market, runner, side, price, size })
        }
        Message::CancelOrder(m) => Body::CancelOrder { market: m.market, order: m.order, reduction: m.reduction },
        Message::OpenAccount(_) => Body::OpenAccount,
        Message::VerifyAccount(m) => Body::VerifyAccount { account: m.account },
        Message::Deposit(m) => Body::Deposit { amount: m.amount },
        Message::Withdraw(m) => Body::Withdraw { amount: m.amount },
        Message::OpenMarket(m) => Body::OpenMarket(Box::new(terms(m))),
        Message::SetSuspension(m) => Body::SetSuspension { market: m.market, suspended: m.suspended },
        Message::VoidRunner(m) => Body::VoidRunner { market: m.market, runner: m.runner },
        Message::SettleMarket(m) => Body::SettleMarket { market: m.market, winners: m.winners, source: m.source },
        Message::VoidMarket(m) => Body::VoidMarket { market: m.market, reason: m.reason },
        Message::ActivateRules(m) => Body::ActivateRules { version: m.version },
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
    }
}
