"""The simulated bank by itself: bytes made by hand, and a second codec that reads its answers."""

from __future__ import annotations

import asyncio
import sys

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank_gateway.bank_files import BankFileError, read_bank_file
from scripts import environment
from simulators.bank.app import WIRES, Bank
from simulators.bank.books import LOAD_FEN_MAX, Books, usual_accounts
from simulators.bank.files import PLANTS, file_of, name_of
from simulators.bank.pos import MASTER, NoMessageError, Pos, check_value, des, mac, unpack
from simulators.databases import free_port
from tests.rig.banking import ACCOUNT, AT, DAY, iso_fields, profile_of

TODAY = f"{DAY:%Y%m%d}"
HEAD = bytes.fromhex("6000030000603100000000")
PROFILES = {"pos": "unionpay_pos", "columns": "fixed_digest", "xml": "length_xml"}
NAMED = {"agent": "300001", "merchant": "900000000000001", "terminal": "00000001"}


def bcd(digits: str) -> bytes:
    return bytes.fromhex(digits + "0" * (len(digits) % 2))


def message(kind: str, cells: dict[int, bytes], key: bytes = b"") -> bytes:
    """An ask by hand: type, bitmap, cells in order, and a MAC."""
    bits = sum(1 << (64 - n) for n in cells) | bool(key)
    body = bytes.fromhex(kind) + bits.to_bytes(8, "big") + b"".join(cells[n] for n in sorted(cells))
    return HEAD + body + (mac(key, body) if key else b"")


def sign_in(pos: Pos) -> tuple[bytes, str]:
    """Sign a terminal in: the MAK, and the batch."""
    cells = {
        11: bcd("000001"),
        41: b"00000001",
        42: b"9" * 15,
        60: bcd("0011") + bcd("00000000003"),
    }
    found = iso_fields(pos.answer(message("0800", cells), ""))
    block = bytes.fromhex(found[62])
    mak = des(MASTER, block[20:28], is_undone=True)
    assert check_value(mak) == block[36:40]
    return mak, found[60][2:8]


def load(mak: bytes, batch: str, trace: int = 2, fen: int = 5_000, kind: str = "0200") -> bytes:
    cells = {
        2: b"\x19" + bcd(ACCOUNT), 3: bcd("600000"), 4: bcd(f"{fen:012d}"), 11: bcd(f"{trace:06d}"),
        25: bcd("91"), 41: b"00000001", 42: b"9" * 15, 49: b"156",
        60: bcd("0011") + bcd(f"45{batch}000"), 62: bcd("0008") + b"12345678",
    }  # fmt: skip
    return message(kind, cells, mak)


@pytest.fixture
def pos() -> Pos:
    return Pos(Books(lambda: AT), lambda: TODAY)


def test_a_terminal_signs_in_and_loads(pos: Pos) -> None:
    mak, batch = sign_in(pos)
    raw = pos.answer(load(mak, batch), "")
    found = iso_fields(raw)
    assert (found["t"], found[39], found[4]) == ("0210", "00", "000000005000")
    assert raw[1:5] == bytes.fromhex("00000003")  # destination and source have changed places
    assert mac(mak, raw[11:-8]) == raw[-8:]
    assert pos.answer(load(mak, batch), "")  # the same trace again
    assert iso_fields(pos.answer(load(mak, batch), ""))[39] == "94"
    for code in ("00", "00"):
        assert iso_fields(pos.answer(load(mak, batch, kind="0400"), ""))[39] == code
    assert iso_fields(pos.answer(load(mak, batch, fen=4_999, kind="0400"), ""))[39] == "64"
    assert iso_fields(pos.answer(load(mak, batch, trace=9, kind="0400"), ""))[39] == "25"


def test_what_a_true_bank_checks_is_checked(pos: Pos) -> None:
    mak, batch = sign_in(pos)
    assert iso_fields(pos.answer(load(bytes(8), batch), ""))[39] == "A0"
    assert iso_fields(pos.answer(load(mak, "000099"), ""))[39] == "77"
    assert iso_fields(pos.answer(load(mak, batch, fen=LOAD_FEN_MAX + 1), ""))[39] == "61"
    stranger = load(mak, batch).replace(b"00000001", b"00000002", 1)
    assert iso_fields(pos.answer(stranger, ""))[39] == "99"
    for wrong in (b"", HEAD, b"\x61" + load(mak, batch)[1:], load(mak, batch) + b"x"):
        with pytest.raises(NoMessageError):
            unpack(wrong)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["take", "give", "undo"]),
            st.integers(0, 6),
            st.sampled_from(sorted(usual_accounts())),
            st.integers(-5, LOAD_FEN_MAX + 5),
        ),
        max_size=40,
    )
)
def test_no_fen_is_made_or_lost_in_its_books(deeds: list[tuple[str, int, str, int]]) -> None:
    books = Books(lambda: AT)
    before = sum(one.balance_fen for one in books.accounts.values())
    for deed, n, account, fen in deeds:
        key = ("t", str(n))
        if deed == "undo":
            books.undo(key, account, fen)
        elif deed == "take":
            books.take(key, account, "1", fen, TODAY)
        elif fen > 0:
            books.give(key, account, "1", fen, TODAY)
        after = sum(one.balance_fen for one in books.accounts.values())
        assert before == after + books.kept_fen()
        assert all(one.balance_fen >= 0 or books.kept_fen() for one in books.accounts.values())


@pytest.mark.parametrize("wire", WIRES)
def test_its_files_are_true_unless_something_is_planted(wire: str) -> None:
    books = Books(lambda: AT)
    second = {"pos": "000001", "columns": f"{TODAY}300001000001", "xml": TODAY}[wire]
    for n in range(1, 4):
        key = (
            ("00000001", second[:-1] + str(n), f"{n:06d}")
            if wire == "columns"
            else ("00000001", second, f"{n:06d}")
        )
        assert books.take(key, ACCOUNT, "12345678", 100 * n, TODAY)[0] == "ok"
    profile, name = profile_of(PROFILES[wire]), name_of(wire, TODAY)
    file = read_bank_file(file_of(books, wire, TODAY), name, profile, DAY, NAMED)
    assert sorted(line.amount_fen for line in file.lines) == [100, 200, 300]
    for planted in PLANTS:
        raw = file_of(books, wire, TODAY, planted)
        if planted in {"missing_line", "changed_fen"}:  # true to itself: reconciling finds it
            assert read_bank_file(raw, name, profile, DAY, NAMED).lines != file.lines
            continue
        with pytest.raises(BankFileError):
            read_bank_file(raw, name, profile, DAY, NAMED)
    with pytest.raises(ValueError, match="planted: one of"):
        file_of(books, wire, TODAY, "something else")


async def test_a_line_that_is_down_takes_nobody_and_comes_back() -> None:
    bank = Bank(lambda: AT)
    port = await bank.listen("xml")
    await bank.refuse("xml")
    with pytest.raises(OSError, match=r"refused|Connect call failed"):
        await asyncio.open_connection("127.0.0.1", port)
    assert await bank.listen("xml") == port
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
    await bank.close()


async def test_it_runs_alone_and_is_steered() -> None:
    port = free_port()
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulators.bank", "--pos", "0", "--columns", "0", "--xml", "0",
        "--steering", str(port), cwd=environment.ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert running.stdout is not None
    try:
        said = ""
        while "planted" not in said:
            said += (await asyncio.wait_for(running.stdout.readline(), 20)).decode()
        assert "a bank that is none" in said

        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/simulator") as http:
            wish = {"fault": "answer_lost", "times": 2}
            planned = (await http.post("/faults", json=wish)).json()
            assert planned == {"planned": [["answer_lost", ""]] * 2}
            refused = await http.post("/faults", json={"fault": "earthquake"})
            assert (refused.status_code, "answer_lost" in refused.text) == (400, True)
            assert "135790" not in (await http.get("/accounts")).text
            assert (await http.get("/moves")).json() == {"moves": [], "kept_fen": 0}
            file = await http.get(f"/files/pos/{TODAY}")
            assert file.content == b"0|0\r\n"
    finally:
        running.terminate()
        await running.wait()
