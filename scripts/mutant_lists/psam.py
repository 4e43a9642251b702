"""Guards of the PSAM: only this terminal's own is believed, and what it cannot prove is refused."""

from scripts.mutant_lists.mutant import Mutant, off

CARD = "qr_terminals/cards/psam.py"
SLOT = "qr_terminals/readers/psam.py"
TESTS = "tests/terminals/test_psam.py"

PSAM = (
    off(
        CARD,
        "if not hmac.compare_digest(mac, cmac(pairing, CARD_LABEL + mine + theirs + numbers)):",
        f"{TESTS}::test_a_forged_psam_is_not_believed",
        "anybody's card in the second slot vouches for every chip",
    ),
    Mutant(
        CARD,
        "CARD_LABEL + mine + theirs + numbers",
        "CARD_LABEL + mine + theirs",
        (f"{TESTS}::test_a_psam_proves_right_chips_and_refuses_forged_ones",),
        "the kinds a PSAM holds are the wire's word",
    ),
    Mutant(
        CARD,
        "return status == DONE",
        "return True",
        (f"{TESTS}::test_a_psam_proves_right_chips_and_refuses_forged_ones",),
        "a chip pays that the PSAM said no to",
    ),
    off(
        CARD,
        "if status == _NO_KEY:",
        f"{TESTS}::test_a_kind_the_psam_has_no_key_of_is_refused_by_its_name",
    ),
    off(
        CARD,
        "if psam.kinds != keys.kinds:",
        f"{TESTS}::test_a_sealed_psam_takes_no_other_keys",
        "a key somebody loaded before is sealed into a school's PSAM",
    ),
    off(
        SLOT,
        "if psam is None:",
        f"{TESTS}::test_a_psam_in_the_second_slot_of_a_real_service",
        "a chip tapped while the PSAM is out ends the reader",
    ),
    Mutant(
        SLOT,
        "except ForeignPsamError as error:",
        "except ZeroDivisionError as error:",
        (f"{TESTS}::test_a_psam_in_the_second_slot_of_a_real_service",),
        "a PSAM in the wrong box is asked until it has blocked itself",
    ),
    Mutant(
        "qr_terminals/holdings.py",
        "return bool(self.now.chip_keys.kinds)",
        "return False",
        (f"{TESTS}::test_beside_a_psam_the_shared_keys_leave_the_disk",),
    ),
    Mutant(
        "backend/api/terminal/sync.py",
        'has_chips = "chips" in named and not shape.has_psam',
        'has_chips = "chips" in named',
        ("tests/api/test_chips.py::test_a_terminal_with_a_psam_is_sent_no_shared_keys",),
    ),
)
