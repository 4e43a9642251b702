"""Guards of the NFC challenge: an answer is worth something at one tap only."""

from scripts.mutant_lists.mutant import Mutant, off

CHALLENGES = "campus_code/challenge.py"
COMMANDS = "campus_code/apdu.py"
TESTS = "tests/unit/campus_code/test_challenge.py"
VECTORS = "tests/vectors/test_vectors.py::test_apdus"

NFC = (
    off(
        CHALLENGES,
        "if not hmac.compare_digest(_right_mac(secret, answer, asked), answer.mac_terminal):",
        f"{TESTS}::test_an_answer_for_another_tap_is_refused",
        "an answer is good at another terminal and for another amount",
    ),
    off(
        CHALLENGES,
        "if not hmac.compare_digest(_right_mac(secret, answer, asked), answer.mac_issuer):",
        f"{TESTS}::test_an_answer_for_another_tap_is_refused",
        "the server believes a terminal about what was asked",
    ),
    Mutant(
        CHALLENGES,
        "secret = _secret(answer.code, issuer_keyring, Role.ISSUER, at)",
        "secret = _secret(answer.code, issuer_keyring, Role.TERMINAL, at)",
        (f"{TESTS}::test_a_right_answer_passes_at_the_terminal_and_at_the_issuer",),
        "the issuer's MAC is derived for another role",
    ),
    Mutant(
        CHALLENGES,
        'return hmac.digest(secret, LABEL + code.encode("ascii") + asked, "sha256")[:MAC_BYTES]',
        'return hmac.digest(secret, LABEL + asked, "sha256")[:MAC_BYTES]',
        (f"{TESTS}::test_the_mac_is_what_the_page_says",),
        "the MAC of one code fits another",
    ),
    Mutant(
        CHALLENGES,
        'require_int("amount_fen", self.amount_fen, 0, AMOUNT_FEN_MAX)',
        "pass",
        (f"{TESTS}::test_a_challenge_out_of_bounds_is_not_built",),
        "amounts nobody may ask for",
    ),
    Mutant(
        COMMANDS,
        "if not self.is_selected:\n            return Status.NOT_NOW",
        "if False:\n            return Status.NOT_NOW",
        (f"{TESTS}::test_nothing_is_said_before_select_and_after_leaving",),
        "a phone speaks to readers that never named our application",
    ),
    Mutant(
        COMMANDS,
        "self.is_selected = name == AID",
        "self.is_selected = True",
        (VECTORS,),
        "any application's name opens ours",
    ),
    off(
        COMMANDS,
        "if asked is None or len(asked) != CHALLENGE_BYTES:",
        VECTORS,
        "a challenge of any length is answered",
    ),
    off(
        COMMANDS,
        "if self.secrets is None:",
        VECTORS,
        "a phone without secrets breaks in the field",
    ),
)
