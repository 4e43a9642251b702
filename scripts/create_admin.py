"""Make the first admin: `python3 scripts/create_admin.py --login admin --name 张三`.

It asks for a password, and shows the second factor as a QR code in the terminal and as a picture.
It works only while no staff exists: afterwards admins create the others. Who may run it is who may
write the database and read the server's key file.

    --password-stdin  read the password from standard input instead of asking
    --png FILE        where to put the picture (var/admin-totp.png); delete it once it is scanned

Exit status 0: made; 1: there is staff already, or a wrong login or password; 2: cannot start.
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import io
import os
import sys
import time
from pathlib import Path

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=False)

import qrcode

from backend.config import Config, ConfigError
from backend.domain.access import Role
from backend.domain.errors import ConflictError, InvalidInputError
from backend.gateways.vault import VaultError
from backend.opening import open_vault
from backend.tables.database import close_tables, open_tables
from backend.tables.state import UnmigratedError, require_migrated
from backend.usecases.staff.create_staff import CreatedStaff, StaffDraft, create_staff

EXIT_REFUSED = 1
EXIT_CANNOT = 2
PICTURE = Path("var/admin-totp.png")


def main(arguments: list[str]) -> int:
    """Make the admin that the command line names."""
    parser = argparse.ArgumentParser(description="创建首位管理员 · make the first admin")
    parser.add_argument("--login", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--png", type=Path, default=PICTURE)
    parser.add_argument("--password-stdin", action="store_true")
    wish = parser.parse_args(arguments)
    try:
        config = Config.read(os.environ)
        password = _read_password(is_piped=wish.password_stdin)
        draft = StaffDraft(wish.login, wish.name, Role.ADMIN, password)
        made = asyncio.run(_create(config, draft))
        _show(made.otpauth_uri, wish.png)
    except (ConflictError, InvalidInputError) as error:
        sys.stderr.write(f"{error.zh} · {error.en}\n")
        return EXIT_REFUSED
    except (ConfigError, UnmigratedError, VaultError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_CANNOT
    return 0


def _read_password(*, is_piped: bool) -> str:
    if is_piped:
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("密码 · password: ")
    if getpass.getpass("再输一次 · again: ") != first:
        raise InvalidInputError("password", "the two are not the same", zh="两次输入的密码不一致")
    return first


async def _create(config: Config, draft: StaffDraft) -> CreatedStaff:
    vault = open_vault(config)
    try:
        await open_tables(config.database)
        await require_migrated()
        return await create_staff(
            draft,
            actor=None,
            at=int(time.time()),
            randomness=os.urandom,
            vault=vault,
            school=config.school,
        )
    finally:
        await close_tables()


def _show(uri: str, picture: Path) -> None:
    """Show the second factor in the terminal and as a private picture."""
    drawing = qrcode.QRCode(border=2, error_correction=qrcode.ERROR_CORRECT_L)
    drawing.add_data(uri)
    screen = io.StringIO()
    drawing.print_ascii(out=screen, invert=True)
    print(screen.getvalue())
    print(uri)
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.unlink(missing_ok=True)
    descriptor = os.open(picture, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        drawing.make_image().save(file)
    print(
        "管理员已创建,请用身份验证器扫描 · the admin is made; scan this with an authenticator app"
    )
    print(f"图片 · picture: {picture}  (扫描后请删除 · delete it once it is scanned)")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
