"""Control LOG-7: the log that nobody can change names no person.

Every field that a record of the log can hold stands in the table below, under what it is. A new one has to be put
there by whoever adds it, who must then decide; there is no class for a field that names a person.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from services.contract.exchange.v1.exchange_pb2 import AccountOpened, CommandRecord, EventRecord, OpenAccount
from services.gateway.keyring import derived_key

TABLE: Mapping[str, str] = {
    "a number for a player, who is named elsewhere": """
        Command.account VerifyAccount.account Refused.account AccountOpened.account AccountVerified.account
        Deposited.account Withdrawn.account OrderAccepted.account Matched.resting_account Matched.incoming_account
        OrderCancelled.account HoldChanged.account AccountSettled.account ShortfallBooked.account
        ShortfallCovered.account
        SetDiscount.account SetLimit.account TakeTimeOut.account SelfExclude.account CancelAll.account
        GrantPermit.account AcceptPermit.account TightenPermit.account ConfirmTightening.account
        ReturnPermit.account AcceptReturn.account OrderReleased.account OrderUpdated.account
        OrderReduced.account HeartbeatSet.account HeartbeatExpired.account BetVoided.backer_account
        BetVoided.layer_account AccountResettled.account DiscountSet.account LimitSet.account
        LimitInForce.account TimeOutTaken.account SelfExcluded.account LiftingAsked.account
        ExclusionLifted.account WithdrawalRequested.account WithdrawalEnded.account PermitGranted.account
        PermitAccepted.account PermitAccepted.guest PermitTightened.account PermitTightened.guest
        TighteningPending.account TighteningConfirmed.account TighteningInForce.account PermitReturned.account
        PermitReturned.guest ReturnAccepted.account""",
    "money of such a number": """
        Deposit.amount Withdraw.amount Deposited.amount Deposited.balance Withdrawn.amount Withdrawn.balance
        HoldChanged.before HoldChanged.after AccountSettled.profit AccountSettled.commission AccountSettled.balance
        ShortfallBooked.amount ShortfallBooked.settled ShortfallCovered.amount Refused.given Refused.bound
        OpenAccount.currency AccountOpened.currency SetDiscount.discount_bp DiscountSet.discount_bp
        RequestWithdrawal.amount EndWithdrawal.withdrawal EndWithdrawal.paid WithdrawalRequested.withdrawal
        WithdrawalRequested.amount WithdrawalRequested.balance WithdrawalEnded.withdrawal WithdrawalEnded.amount
        WithdrawalEnded.paid WithdrawalEnded.balance AccountResettled.profit_before
        AccountResettled.commission_before AccountResettled.profit AccountResettled.commission
        AccountResettled.balance GrantPermit.shard GrantPermit.money AcceptPermit.home AcceptPermit.id
        AcceptPermit.currency AcceptPermit.money TightenPermit.home ConfirmTightening.shard ReturnPermit.home
        ReturnPermit.amount AcceptReturn.shard AcceptReturn.id AcceptReturn.money AcceptReturn.result
        AcceptReturn.staked AcceptReturn.closed PermitGranted.shard PermitGranted.id PermitGranted.money
        PermitGranted.balance PermitAccepted.home PermitAccepted.id PermitAccepted.money PermitAccepted.balance
        PermitTightened.home PermitReturned.home PermitReturned.id PermitReturned.money PermitReturned.result
        PermitReturned.staked PermitReturned.closed PermitReturned.balance ReturnAccepted.shard
        ReturnAccepted.id ReturnAccepted.money ReturnAccepted.closed ReturnAccepted.balance
        ConfirmTightening.exposed ConfirmTightening.staked PermitTightened.exposed PermitTightened.staked""",
    "what protects such a number: limits, time-outs, exclusions, allowances": """
        SetLimit.kind SetLimit.window SetLimit.amount LimitSet.kind LimitSet.window LimitSet.amount
        LimitSet.effective_ms LimitSet.by_operator LimitInForce.kind LimitInForce.window LimitInForce.amount
        LimitInForce.by_operator TakeTimeOut.duration_ms TimeOutTaken.until_ms SelfExclude.duration_ms
        SelfExcluded.until_ms LiftingAsked.effective_ms Heartbeat.timeout_ms HeartbeatSet.due_ms
        GrantPermit.loss GrantPermit.stake AcceptPermit.loss AcceptPermit.stake PermitGranted.loss
        PermitGranted.stake PermitAccepted.loss PermitAccepted.stake TighteningPending.shards
        TighteningConfirmed.shard""",
    "markets, orders and the rules": """
        OpenMarket.start_time_ms OpenMarket.winners OpenMarket.commission_bp OpenMarket.minimum_stake Runner.id
        SetSuspension.market SetSuspension.suspended PlaceOrder.market PlaceOrder.runner PlaceOrder.side
        PlaceOrder.price PlaceOrder.size CancelOrder.market CancelOrder.order CancelOrder.reduction VoidRunner.market
        VoidRunner.runner SettleMarket.market SettleMarket.winners VoidMarket.market ActivateRules.version
        Refused.code RulesActivated.version MarketOpened.market SuspensionSet.market SuspensionSet.suspended
        OrderAccepted.order OrderAccepted.market OrderAccepted.runner OrderAccepted.side OrderAccepted.price
        OrderAccepted.size Matched.market Matched.runner Matched.price Matched.size Matched.resting_order
        Matched.incoming_order Matched.incoming_side OrderCancelled.order OrderCancelled.market OrderCancelled.size
        OrderCancelled.reason HoldChanged.market RunnerVoided.market RunnerVoided.runner MarketSettled.market
        MarketSettled.winners MarketVoided.market AccountSettled.market ShortfallBooked.market
        OpenMarket.ladder OpenMarket.positions OpenMarket.line_minimum OpenMarket.line_interval
        OpenMarket.inactive OpenMarket.starting_price OpenMarket.cross_matching OpenMarket.self_match
        OpenMarket.in_play_delay_ms OpenMarket.passive_delay OpenMarket.reduction OpenMarket.currency
        OpenMarket.variable_winners SetSuspension.runner PlaceOrder.type PlaceOrder.persistence
        PlaceOrder.time_in_force PlaceOrder.min_fill PlaceOrder.strategy PlaceOrder.market_version
        SettleMarket.dead_heat SettleMarket.line_result ReplaceOrder.market ReplaceOrder.order
        ReplaceOrder.price ReplaceOrder.market_version UpdateOrder.market UpdateOrder.order
        UpdateOrder.persistence CancelAll.market CancelAll.strategy TurnInPlay.market RemoveRunner.market
        RemoveRunner.runner RemoveRunner.factor_bp VoidBet.market VoidBet.trade ResettleMarket.market
        ResettleMarket.winners ResettleMarket.dead_heat ResettleMarket.line_result SuspensionSet.runner
        OrderAccepted.type OrderAccepted.persistence OrderAccepted.time_in_force OrderAccepted.min_fill
        OrderAccepted.strategy OrderAccepted.replaces OrderAccepted.release_ms Matched.payout Matched.trade
        Matched.group MarketSettled.dead_heat MarketSettled.line_result OrderReleased.order OrderReleased.market
        OrderUpdated.order OrderUpdated.market OrderUpdated.persistence OrderReduced.order OrderReduced.market
        OrderReduced.matched_payout TurnedInPlay.market StartingPrice.market StartingPrice.runner
        StartingPrice.price StartingPrice.size RunnerRemoved.market RunnerRemoved.runner RunnerRemoved.factor_bp
        BetVoided.market BetVoided.trade BetVoided.runner BetVoided.size BetVoided.payout BetVoided.backer_order
        BetVoided.layer_order MarketResettled.market MarketResettled.winners MarketResettled.dead_heat
        MarketResettled.line_result MarketResettled.voided AccountResettled.market MarketFinal.market
        RoundingBooked.market RoundingBooked.amount""",
    "names that an organiser has published": "OpenMarket.name OpenMarket.event OpenMarket.event_type Runner.name",
    "an operator's words about a market or a bet; LOG-7 has it attested that they name no player": """
        SettleMarket.source VoidMarket.reason MarketSettled.source MarketVoided.reason
        VoidBet.reason ResettleMarket.source BetVoided.reason MarketResettled.source""",
    "the log itself": """
        CommandRecord.previous CommandRecord.time_ms CommandRecord.opens_epoch Epoch.offset Epoch.node Command.key
        EventRecord.shard EventRecord.offset EventRecord.hash EventRecord.first EventRecord.previous_offset
        EventRecord.previous EventRecord.time_ms EventRecord.rules""",
}

ORGANISERS = set(TABLE["names that an organiser has published"].split())
PEOPLE = ("name", "mail", "phone", "birth", "address", "street", "document", "passport", "iban", "card", "ip", "device")
"""Words of a field that is about a person."""


def _fields(message: Descriptor, seen: set[str] | None = None) -> Iterator[FieldDescriptor]:
    """Every field that can hold a value, of this message and of all that it can hold."""
    seen = seen if seen is not None else set()
    if message.full_name in seen:
        return
    seen.add(message.full_name)
    for field in message.fields:
        if field.message_type is not None:
            yield from _fields(field.message_type, seen)
        else:
            yield field


def _named(field: FieldDescriptor) -> str:
    assert field.containing_type is not None
    return f"{field.containing_type.name}.{field.name}"


def _faults(*messages: Descriptor) -> set[str]:
    """The fields that are in no class, and those whose name speaks of a person."""
    held = {_named(field): field.name for message in messages for field in _fields(message)}
    classified = {field for fields in TABLE.values() for field in fields.split()}
    people = {each for each, name in held.items() if set(name.split("_")) & set(PEOPLE)} - ORGANISERS
    return (held.keys() - classified) | people


def test_every_field_of_the_log_is_classified_and_none_names_a_person() -> None:
    log = (CommandRecord.DESCRIPTOR, EventRecord.DESCRIPTOR)
    assert not _faults(*log)
    classified = [field for fields in TABLE.values() for field in fields.split()]
    assert sorted(classified) == sorted({_named(field) for message in log for field in _fields(message)}), "no more"


@pytest.mark.parametrize("field", ["nickname", "email", "date_of_birth_ms", "card"])
def test_a_field_that_is_added_is_noticed_wherever_it_stands(field: str) -> None:
    file = descriptor_pb2.FileDescriptorProto()
    CommandRecord.DESCRIPTOR.file.CopyToProto(file)
    (opening,) = (message for message in file.message_type if message.name == "OpenAccount")
    opening.field.add(name=field, number=100, type=descriptor_pb2.FieldDescriptorProto.TYPE_STRING, label=1)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)  # type: ignore[no-untyped-call]
    record = pool.FindMessageTypeByName(CommandRecord.DESCRIPTOR.full_name)  # type: ignore[no-untyped-call]
    assert _faults(record) == {f"OpenAccount.{field}"}


def test_a_sign_up_tells_the_log_nothing_about_the_person() -> None:
    """The command holds a currency at most, and its key cannot be told from the name without the client's own, which
    is not logged."""
    assert [field.name for field in OpenAccount.DESCRIPTOR.fields] == ["currency"]
    assert [field.name for field in AccountOpened.DESCRIPTOR.fields] == ["account", "currency"]
    same_time = uuid.uuid4().bytes[:6]
    keys = {derived_key(same_time + uuid.uuid4().bytes[6:], "open-account", "alice") for _ in range(50)}
    assert len({key[6:] for key in keys}) == 50
    assert not any(b"alice" in key for key in keys)
