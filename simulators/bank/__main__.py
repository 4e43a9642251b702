"""`python -m simulators.bank`: a bank on loopback, for three wires, steered over HTTP."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from typing import Any, Final

from sanic import HTTPResponse, Request, Sanic

from simulators.bank.app import WIRES, Bank
from simulators.bank.faults import FAULTS
from simulators.bank.files import AGENT, MERCHANT, PLANTS, file_of, name_of
from simulators.bank.pos import MASTER
from simulators.bank.texts import SHARED

JSON: Final = "application/json"
TIMES_MAX: Final = 1_000


def add_steering(app: Sanic[Any, Any], bank: Bank) -> None:
    """`/simulator/…`: what a true bank does not have."""

    @app.get("/simulator/accounts")
    async def accounts(_request: Request) -> HTTPResponse:
        told = [vars(one) | {"pin": "…"} for one in bank.books.accounts.values()]
        return _told({"accounts": told})

    @app.get("/simulator/moves")
    async def moves(_request: Request) -> HTTPResponse:
        told = [vars(one) | {"key": list(one.key)} for one in bank.books.moves.values()]
        return _told({"moves": told, "kept_fen": bank.books.kept_fen()})

    @app.post("/simulator/faults")
    async def faults(request: Request) -> HTTPResponse:
        """`{"fault": "answer_lost", "times": 2, "only": "load"}`."""
        try:
            wish = request.json or {}
            times = min(int(wish.get("times", 1)), TIMES_MAX)
            bank.faults.plan(str(wish.get("fault", "")), times, str(wish.get("only", "")))
        except (ValueError, TypeError, AttributeError) as error:
            return _told({"error": str(error)}, 400)
        return _told({"planned": list(bank.faults.planned)})

    @app.post("/simulator/lines/<wire:str>/<state:str>")
    async def lines(_request: Request, wire: str, state: str) -> HTTPResponse:
        if wire not in WIRES or state not in {"down", "up"}:
            return _told({"error": f"{', '.join(WIRES)} down or up"}, 400)
        if state == "down":
            await bank.refuse(wire)
        else:
            await bank.listen(wire)
        return _told({wire: state})

    @app.get("/simulator/files/<wire:str>/<day:str>")
    async def files(request: Request, wire: str, day: str) -> HTTPResponse:
        """The file of a day, YYYYMMDD; `?planted=` puts something wrong into it."""
        try:
            raw = file_of(bank.books, wire, day, request.args.get("planted", ""))
        except (ValueError, KeyError, IndexError) as error:
            return _told({"error": str(error)}, 400)
        headers = {"content-disposition": f'attachment; filename="{name_of(wire, day)}"'}
        return HTTPResponse(raw, content_type="application/octet-stream", headers=headers)


def _told(value: dict[str, Any], status: int = 200) -> HTTPResponse:
    return HTTPResponse(json.dumps(value, ensure_ascii=False), status=status, content_type=JSON)


async def run(bank: Bank, ports: dict[str, int], steering: int) -> None:
    """Listen for every wire and for whoever steers, until somebody ends the process."""
    for wire in WIRES:
        await bank.listen(wire, ports[wire])
    app: Sanic[Any, Any] = Sanic("bank-simulator", configure_logging=False)
    add_steering(app, bank)
    server = await app.create_server(
        host="127.0.0.1", port=steering, return_asyncio_server=True, access_log=False
    )
    if server is None:
        raise SystemExit("nothing to serve")
    await server.startup()  # type: ignore[no-untyped-call]  # Sanic's
    print("模拟银行 · a bank that is none")
    for wire in WIRES:
        print(f"  {wire:8} 127.0.0.1:{bank.ports[wire]}")
    print(f"  master key {MASTER.hex().upper()}, shared key {SHARED.decode()!r}")
    print(f"  merchant {MERCHANT}, agent {AGENT}")
    print(f"  http://127.0.0.1:{steering}/simulator/accounts, moves, faults, lines, files")
    print(f"  faults: {', '.join(FAULTS)}")
    print(f"  planted in a file: {', '.join(PLANTS)}", flush=True)
    await server.serve_forever()  # type: ignore[no-untyped-call]  # Sanic's


def main(arguments: list[str]) -> int:
    """Serve until Ctrl C."""
    parser = argparse.ArgumentParser(
        prog="python -m simulators.bank", description="A bank for three wires, on 127.0.0.1."
    )
    for wire, port in zip(WIRES, (9701, 9702, 9703), strict=True):
        parser.add_argument(f"--{wire}", type=int, default=port, help="0 takes a free one")
    parser.add_argument("--steering", type=int, default=9700, help="where it is steered")
    chosen = vars(parser.parse_args(arguments))
    bank = Bank(time.time)
    try:
        asyncio.run(run(bank, {wire: chosen[wire] for wire in WIRES}, chosen["steering"]))
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
