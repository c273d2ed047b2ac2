"""The picture of the stores: what arises on the left, then production's own account, other accounts, another region."""

from __future__ import annotations

from typing import Final

from tools.pages.canvas import Box, Canvas
from tools.pages.stores import (
    ARCHIVE,
    BACKUPS,
    BACKUPS_ACCOUNT,
    BACKUPS_REGION,
    EXPORTS,
    GROUPS,
    LANDING,
    LEDGER,
    LOG,
    LOGS,
    LOGS_THERE,
    RECOVERY,
    REPLICA,
    Stores,
)

_COLUMNS: Final = (10, 212, 414, 616)
_WIDTH: Final = 174
_TOP, _ROW, _HEIGHT = 62, 122, 94
_PLACES: Final = {
    LOG: (1, 0),
    LEDGER: (1, 1),
    RECOVERY: (3, 1),
    BACKUPS: (1, 2),
    BACKUPS_ACCOUNT: (2, 2),
    BACKUPS_REGION: (3, 2),
    LANDING: (1, 3),
    ARCHIVE: (2, 3),
    REPLICA: (3, 3),
    LOGS: (1, 4),
    LOGS_THERE: (2, 4),
    GROUPS: (1, 5),
    EXPORTS: (1, 6),
}
_SHORT: Final = {
    RECOVERY: "Point-in-time backups",
    BACKUPS_ACCOUNT: "Backups",
    BACKUPS_REGION: "Backups",
    REPLICA: "Replica of the archive",
    LOGS_THERE: "Access logs",
}
_ROWS: Final = 7


def picture(stores: Stores) -> str:
    """An SVG of the stores and of what feeds them."""
    canvas = Canvas("The stores of production, and which feeds which", _TOP + _ROWS * _ROW - 12)
    _lanes(canvas, stores)
    for label in _PLACES:
        _store(canvas, stores, label)
    _between(canvas, stores)
    _from_outside(canvas, stores)
    return canvas.svg()


def _box(column: int, row: int) -> Box:
    return Box(_COLUMNS[column], _TOP + row * _ROW, _WIDTH, _HEIGHT)


def _lanes(canvas: Canvas, stores: Stores) -> None:
    """A column a place; what lies in it is in that account and region."""
    own, there, far = stores.the(LEDGER).place, stores.the(ARCHIVE).place, stores.the(REPLICA).place
    headings = (
        ("Where it arises", ""),
        ("Production's account", own.region),
        ("Accounts of their own", there.region),
        ("Another region", far.region),
    )
    for column, (head, small) in enumerate(headings):
        if column:
            last = max(row for at, row in _PLACES.values() if at == column)
            canvas.rect(Box(_COLUMNS[column] - 8, 6, _WIDTH + 16, _box(column, last).bottom + 2), "lane")
        canvas.text(_COLUMNS[column] + _WIDTH // 2, 26, head, "head", "middle")
        canvas.text(_COLUMNS[column] + _WIDTH // 2, 43, small, "small", "middle")


def _store(canvas: Canvas, stores: Stores, label: str) -> None:
    store, (column, row) = stores.the(label), _PLACES[label]
    named = _SHORT.get(label, label[0].upper() + label[1:])
    locked = store.lock.startswith(("COMPLIANCE", "GOVERNANCE"))
    mode, _, time = store.lock.partition(", ")
    lines = [
        named,
        store.kind,
        f"key: {store.key}",
        f"{mode} lock" if locked else f"lock: {mode}".replace("lock: cannot", "cannot"),
        time if locked else _kept(store.kept),
    ]
    canvas.labelled(_box(column, row), lines, "locked" if locked else "box")


def _kept(kept: str) -> str:
    """As short as a box takes."""
    first = kept.partition(";")[2].strip() or kept
    return (
        f"kept {first}"
        if first[0].isdigit() or first.startswith("for")
        else first.replace("back to any second", "any second")
    )


def _between(canvas: Canvas, stores: Stores) -> None:
    """An arrow a flow between two stores; those that pass a column run above its box."""
    for flow in stores.flows:
        if flow.source not in _PLACES or flow.target not in _PLACES:
            continue
        (column, row), (to_column, to_row) = _PLACES[flow.source], _PLACES[flow.target]
        start, end = _box(column, row), _box(to_column, to_row)
        if column == to_column:
            canvas.line((start.x + _WIDTH // 2, start.bottom), (end.x + _WIDTH // 2, end.y))
        elif row != to_row:  # from below, into the side
            bend = start.right + 14
            canvas.line(
                (start.right, start.middle), (bend, start.middle), (bend, end.bottom - 16), (end.x, end.bottom - 16)
            )
        elif to_column == column + 1 or row == _PLACES[LEDGER][1]:
            canvas.line((start.right, start.middle), (end.x, end.middle))
        else:
            above, far = start.y - 13, end.x + _WIDTH // 2
            out = start.right - 24
            canvas.line((out, start.y), (out, above), (far, above), (far, end.y))


def _from_outside(canvas: Canvas, stores: Stores) -> None:
    """What is no store: players, AWS's services, the regulator."""
    for row, lines in (
        (0, ("Players and operators", "by gateway and matching")),
        (3, ("AWS writes down", *stores.sources(LANDING))),
        (4, ("Who asked for what", "requests to the load", "balancer and to buckets")),
        (5, ("What runs writes", "cluster, pods, database,", "network, firewall")),
    ):
        box = _box(0, row)
        canvas.labelled(box, lines, "outside")
        canvas.line((box.right, box.middle), (_COLUMNS[1], box.middle))
    log, ledger, archive = _box(*_PLACES[LOG]), _box(*_PLACES[LEDGER]), _box(*_PLACES[ARCHIVE])
    middle = log.x + _WIDTH // 2
    canvas.line((middle, log.bottom), (middle, ledger.y))
    canvas.text(middle + 8, log.bottom + 17, "events", "small")
    middle = archive.x + _WIDTH // 2
    canvas.line((middle, archive.bottom), (middle, _box(*_PLACES[LOGS_THERE]).y))
    exports, regulator, made = _box(*_PLACES[EXPORTS]), _box(0, 6), _box(2, 6)
    canvas.labelled(regulator, ("The regulator", "reads, for the time", "of a request (REG-1)"), "outside")
    canvas.line((exports.x, exports.middle), (regulator.right, regulator.middle))
    canvas.labelled(made, ("Export on demand", "not built yet", "(REG-2)"), "outside")
    canvas.line((made.x, made.middle), (exports.right, exports.middle), kind="planned")
