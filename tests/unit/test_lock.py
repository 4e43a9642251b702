import pytest

from scripts.lock import strangers

HASH = "0" * 64
GOOD = f"""\
aiofiles==25.1.0 \\
    --hash=sha256:{HASH} \\
    --hash=sha256:{HASH}
uvloop==0.23.0 ; sys_platform != "win32" \\
    --hash=sha256:{HASH}
# The following packages are considered to be unsafe in a requirements file:
setuptools==84.2.1 \\
    --hash=sha256:{HASH}
"""


def test_a_lock_is_pins_and_hashes() -> None:
    assert strangers(GOOD) == []


@pytest.mark.parametrize(
    "line",
    [
        "--trusted-host packages.example",
        "--find-links wheels",
        "aiofiles==25.1.0",
        "aiofiles>=25 \\",
        "aiofiles @ file:///somewhere/aiofiles.whl",
        "-e .",
        "# see https://packages.example",
    ],
)
def test_anything_else_does_not_belong(line: str) -> None:
    assert strangers(f"{GOOD}{line}\n") == [line] or strangers(f"{GOOD}{line}\n") == [line, line]
