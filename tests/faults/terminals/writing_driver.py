"""
A journal that writes payments and shows each once it is durable. Run under strace.

    python -m tests.faults.terminals.writing_driver FOLDER RECORDS
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from qr_terminals.journal import JOURNAL_FILE, Journal
from tests.terminals.tills import payment


def main(folder: Path, records: int) -> None:
    """Write so many, with small steps between checkpoints; end as a power cut does."""
    journal = Journal(folder / JOURNAL_FILE)
    journal._db.execute("PRAGMA wal_autocheckpoint = 20")  # so that the log also starts anew
    for sequence in range(1, records + 1):
        journal.append(payment(sequence))
        os.write(1, b"shown\n")
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
