"""The shapes that the REST interface takes and gives: money and prices as decimal strings, unknown fields refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from services.gateway.quantities import QuantityError, decimal_from_text, parts_from, tick_from

LARGEST_ID: Final = 2**63 - 1


def _quantity(code: str, what: str, convert: Callable[[Decimal], int]) -> BeforeValidator:
    """A decimal string brought into the exchange's units; pydantic's error carries our code and sentence."""

    def check(value: Any) -> int:  # noqa: ANN401  (whatever the client sent)
        if not isinstance(value, str):
            raise PydanticCustomError(
                code, f'{what} has to be a string, so that no digit is lost; write it like "12.50"'
            )
        try:
            return convert(decimal_from_text(value, what))
        except QuantityError as error:
            # Passed as a value, not a template: the sentence may hold braces that the client sent.
            raise PydanticCustomError(code, "{sentence}", {"sentence": str(error)}) from error

    return BeforeValidator(check)


def _decimal_schema(description: str, example: str) -> WithJsonSchema:
    pattern = r"^\d{1,18}(\.\d{1,18})?$"
    return WithJsonSchema({"type": "string", "pattern": pattern, "description": description, "examples": [example]})


Amount = Annotated[
    int,
    _quantity("AMOUNT_INVALID", "amount", lambda amount: parts_from(amount, "amount")),
    _decimal_schema("An amount above zero, in whole pennies.", "12.50"),
]
Size = Annotated[
    int,
    _quantity("SIZE_INVALID", "size", lambda size: parts_from(size, "size")),
    _decimal_schema("A backer's stake above zero, in whole pennies.", "10.00"),
]
Price = Annotated[
    int,
    _quantity("PRICE_INVALID", "price", tick_from),
    _decimal_schema("Decimal odds, on the ladder.", "3.15"),
]
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]


class Asked(BaseModel):
    """A request's body: exactly these fields, of exactly these types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Told(BaseModel):
    """An answer's body."""

    model_config = ConfigDict(frozen=True)


class LogPosition(Told):
    """Where in the exchange's log the command stands: proof that it will not be lost."""

    offset: int = Field(examples=[1042])
    index: int = Field(description="Of the command in its record.", examples=[0])
    time: datetime = Field(description="Log time.")


class Done(Told):
    """A command that was carried out."""

    log: LogPosition
    repeated: bool = Field(
        description="The key had been used before with the same payload; this is the first answer again."
    )


def utc(time_ms: int) -> datetime:
    """A log time as the instant that it is."""
    return datetime.fromtimestamp(time_ms / 1_000, UTC)


def time_ms(moment: AwareDatetime) -> int:
    """An instant in milliseconds since the epoch."""
    return round(moment.timestamp() * 1_000)
