"""
The terminal program's command line.

    python -m qr_terminals enrol "xm1:https://campus.example|TOKEN" --home DIR
    python -m qr_terminals provision "xm1:…|TOKEN" --home DIR --serial /dev/serial/by-id/…
    python -m qr_terminals provision "xm1:…|TOKEN" --home DIR --as door --lock relay:/dev/ttyUSB0 …
    python -m qr_terminals --home DIR --serial /dev/serial/by-id/… --camera /dev/v4l/by-id/…
    python -m qr_terminals --home DIR --page 8741          # the cashier's page on this box
    python -m qr_terminals authority --home DIR            # who may void: sets the PIN
    python -m qr_terminals chip desfire --home DIR
    python -m qr_terminals psam --home DIR --psam NAME     # load the keys of chips into a PSAM
    python -m qr_terminals --config terminal.toml
    python -m qr_terminals door --home DIR --lock relay:/dev/ttyUSB0 --serial-in /dev/ttyS1
    python -m qr_terminals kiosk --home DIR --serial /dev/serial/by-id/…
"""

from __future__ import annotations

import argparse
import getpass
import sys
import time
from pathlib import Path

from campus_code import ChipKind
from qr_terminals.authority import set_authority
from qr_terminals.config import read_identity
from qr_terminals.enrol import enrol
from qr_terminals.errors import TerminalError
from qr_terminals.holdings import Holdings
from qr_terminals.keys import load_keys
from qr_terminals.program import run_terminal
from qr_terminals.readers.pcsc import ANY_SLOT
from qr_terminals.readers.psam import pairing_key
from qr_terminals.write_chip import write_in_slot, write_psam_in_slot

EXIT_WRONG = 2


def main(words: list[str]) -> int:
    """Run the command line; the exit status."""
    try:
        if words[:1] == ["enrol"]:
            return _enrol(words[1:])
        if words[:1] == ["door"]:
            from qr_terminals.doors.program import run_door

            return run_door(words[1:])
        if words[:1] == ["kiosk"]:
            from qr_terminals.kiosk.program import run_kiosk

            return run_kiosk(words[1:])
        if words[:1] == ["provision"]:
            from qr_terminals.install.provision import provision, read_wish

            return provision(read_wish(words[1:]), print, time.time)
        at_the_box = {"authority": _authority, "chip": _chip, "psam": _psam}
        if words and words[0] in at_the_box:
            return at_the_box[words[0]](words[1:])
        return run_terminal(words)
    except TerminalError as error:
        print(error.zh, file=sys.stderr)
        print(error.en, file=sys.stderr)
        return EXIT_WRONG


def _enrol(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="qr_terminals enrol", description="Enrol this device.")
    parser.add_argument("code", help="the enrolment code the office shows: xm1:address|token")
    parser.add_argument("--home", required=True, type=Path, help="the terminal's own folder")
    told = parser.parse_args(words)
    identity = enrol(told.code, told.home, int(time.time()))
    print(f"已登记：{identity.merchant} {identity.name}（终端 {identity.terminal_id}）")
    print(f"Enrolled: {identity.merchant} {identity.name} (terminal {identity.terminal_id})")
    return 0


def _authority(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="qr_terminals authority", description="Set the PIN.")
    parser.add_argument("--home", required=True, type=Path, help="the terminal's own folder")
    home = parser.parse_args(words).home
    read_identity(home)
    asked = "授权密码 · authority PIN: "
    pin = getpass.getpass(asked) if sys.stdin.isatty() else sys.stdin.readline()
    set_authority(home, pin.strip())
    print("已设置，重新启动终端后生效 · set; it holds from the terminal's next start")
    return 0


def _psam(words: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="qr_terminals psam", description="Load the shared keys of chips into a fresh PSAM."
    )
    parser.add_argument("--home", required=True, type=Path, help="the terminal's own folder")
    parser.add_argument("--psam", required=True, help="part of the name of the PSAM's slot")
    told = parser.parse_args(words)
    identity = read_identity(told.home)
    keys = load_keys(told.home)
    held = Holdings(told.home, keys, identity.server_key).now
    kinds = ", ".join(sorted(write_psam_in_slot(told.psam, held, pairing_key(keys))))
    print(f"PSAM 已写好并封存：{kinds}。请给终端加上 --psam 启动，密钥即从本机删除。")
    print(f"The PSAM is written and sealed: {kinds}. Start the terminal with --psam from now on;")
    print("with its next sync the keys leave this device.")
    return 0


def _chip(words: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="qr_terminals chip", description="Write the school's key onto a physical card."
    )
    parser.add_argument("kind", choices=[kind.value for kind in ChipKind])
    parser.add_argument("--home", required=True, type=Path, help="the terminal's own folder")
    parser.add_argument("--nfc", default=ANY_SLOT, help="part of the contactless reader's name")
    told = parser.parse_args(words)
    identity = read_identity(told.home)
    held = Holdings(told.home, load_keys(told.home), identity.server_key).now
    chip = write_in_slot(told.nfc, ChipKind(told.kind), held)
    print(f"已写好，请在后台把它绑定到校园卡：{chip}")
    print(f"Written; now bind it to a card at the office: {chip}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
