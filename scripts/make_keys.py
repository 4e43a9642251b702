"""Make the server's key file: `python3 scripts/make_keys.py` (at XIAOMA_KEY_FILE, or as named).

The file seals what the database keeps secret and signs what terminals are told. It is made once,
before the first start in production, and backed up apart from the database. One that exists is
never overwritten.

    --file FILE   where to make it

Exit status 0: made; 1: there is one already; 2: it cannot be made there.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=False)

from backend.gateways.vault import FileVault, VaultError

KEY_FILE = "var/server.keys"
EXIT_REFUSED = 1
EXIT_CANNOT = 2


def main(words: list[str]) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="make_keys", description="生成密钥文件 · make the key file"
    )
    parser.add_argument(
        "--file", type=Path, default=Path(os.environ.get("XIAOMA_KEY_FILE", KEY_FILE))
    )
    path: Path = parser.parse_args(words).file
    try:
        FileVault.make(path)
    except (OSError, VaultError) as error:
        if isinstance(error, FileExistsError) and path.exists():
            print(f"已有密钥文件，不覆盖 · there is one already, it stays: {path}", file=sys.stderr)
            return EXIT_REFUSED
        print(f"无法生成 · cannot be made: {error}", file=sys.stderr)
        return EXIT_CANNOT
    print(f"密钥文件 · key file: {path}")
    print("请另行备份，勿与数据库放在一起 · back it up, apart from the database")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
