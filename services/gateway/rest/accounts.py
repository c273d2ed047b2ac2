"""Accounts: signing up, being verified, paying in and out, and looking at one's money."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, StringConstraints
from starlette.concurrency import run_in_threadpool

from services.contract.exchange.v1.exchange_pb2 import (
    AccountImage,
    Command,
    Deposit,
    OpenAccount,
    VerifyAccount,
    Withdraw,
)
from services.gateway.context import Gateway
from services.gateway.errors import ProblemError, responses
from services.gateway.identity import passwords
from services.gateway.identity.users import USERNAME, SignUpKeyReusedError, UsernameTakenError
from services.gateway.keyring import derived_key
from services.gateway.quantities import money_text
from services.gateway.rest.commands import OPERATOR, Key, carried_out, done, log_position
from services.gateway.rest.schemas import Amount, Asked, Done, Told
from services.gateway.rest.security import AccountInPath, AccountToRead, AccountToUse, Operator

router = APIRouter(prefix="/v1/accounts", tags=["accounts"])


class SignUpRequest(Asked):
    """A new bettor."""

    username: Annotated[str, StringConstraints(pattern=f"^{USERNAME.pattern}$")] = Field(
        description="3 to 32 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit.", examples=["alice"]
    )
    password: str = Field(
        min_length=passwords.SHORTEST, max_length=passwords.LONGEST, examples=["correct horse battery"]
    )


class Opened(Told):
    """A new account. It cannot bet before an operator has verified it."""

    account: int = Field(examples=[1])
    username: str = Field(examples=["alice"])


class Payment(Asked):
    """Money in or out."""

    amount: Amount


class Paid(Done):
    """The wallet after a payment."""

    account: int = Field(examples=[1])
    balance: str = Field(examples=["112.50"])
    available: str = Field(description="The balance less what is held for bets.", examples=["100.00"])


class Hold(Told):
    """What is set aside in one market for the worst that its bets can come to."""

    market: int
    hold: str


class Funds(Told):
    """An account's money as the shard has it now."""

    account: int = Field(examples=[1])
    currency: str = Field(examples=["EUR"])
    verified: bool
    balance: str = Field(examples=["112.50"])
    held: str = Field(examples=["12.50"])
    available: str = Field(examples=["100.00"])
    receivable: str = Field(description="Paid by the house for this account, to be covered first.", examples=["0.00"])
    blocked: bool = Field(description="A shortfall is open: betting is blocked until it is covered.")
    holds: list[Hold]


@router.post("", status_code=201, summary="Sign up", responses=responses(400, 409, 422))
async def sign_up(new: SignUpRequest, key: Key, gateway: Gateway) -> Opened:
    """Opens an account. The name is reserved first, so that a retry with the same key never opens a second one."""
    try:
        made = await passwords.in_turn(gateway.users.reserve, new.username, new.password, key)
    except UsernameTakenError:
        raise ProblemError(409, "USERNAME_TAKEN", f"The username {new.username!r} is taken; choose another.") from None
    except SignUpKeyReusedError:
        detail = "The key was used before for another username or password; send a new key."
        raise ProblemError(409, "KEY_REUSED", detail) from None
    if made.account is not None:
        return Opened(account=made.account, username=new.username)
    # The shard's key is bound to the name: a stranger who sends this client's key cannot be given this account.
    opening = derived_key(made.key, "open-account", new.username)
    placed = await carried_out(gateway, Command(key=opening, account=OPERATOR, open_account=OpenAccount()))
    await run_in_threadpool(gateway.users.complete, made.user, placed.outcome.id)
    return Opened(account=placed.outcome.id, username=new.username)


@router.post("/{account}/verification", summary="Verify an account", responses=responses(400, 401, 403, 404, 409))
async def verify(account: AccountInPath, _: Operator, key: Key, gateway: Gateway) -> Done:
    """An operator confirms that the account's owner is who they say: from now on it can pay in and bet."""
    body = VerifyAccount(account=account)
    return done(await carried_out(gateway, Command(key=key, account=OPERATOR, verify_account=body)))


@router.post("/{account}/deposits", status_code=201, summary="Pay in", responses=responses(400, 401, 403, 409, 422))
async def deposit(account: AccountToUse, payment: Payment, key: Key, gateway: Gateway) -> Paid:
    """Money into the wallet. What is open as a shortfall is covered first."""
    return await _pay(gateway, Command(key=key, account=account, deposit=Deposit(amount=payment.amount)))


@router.post("/{account}/withdrawals", status_code=201, summary="Pay out", responses=responses(400, 401, 403, 409, 422))
async def withdraw(account: AccountToUse, payment: Payment, key: Key, gateway: Gateway) -> Paid:
    """Money out of the wallet: at most what is available."""
    return await _pay(gateway, Command(key=key, account=account, withdraw=Withdraw(amount=payment.amount)))


async def _pay(gateway: Gateway, command: Command) -> Paid:
    placed = await carried_out(gateway, command)
    return Paid(
        account=command.account,
        balance=money_text(placed.outcome.balance),
        available=money_text(placed.outcome.available),
        log=log_position(placed),
        repeated=placed.outcome.repeated,
    )


@router.get("/{account}/funds", summary="What an account has", responses=responses(401, 403, 404))
async def funds(account: AccountToRead, gateway: Gateway) -> Funds:
    """Balance, holds and what is available, from the shard itself."""
    return _funds(await gateway.matching.account(account), gateway.settings.currency)


def _funds(image: AccountImage, currency: str) -> Funds:
    return Funds(
        account=image.account,
        currency=currency,
        verified=image.verified,
        balance=money_text(image.balance),
        held=money_text(image.held),
        available=money_text(image.available),
        receivable=money_text(image.receivable),
        blocked=image.blocked,
        holds=[Hold(market=each.market, hold=money_text(each.hold)) for each in image.holds],
    )
