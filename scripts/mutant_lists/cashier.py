"""Guards of the cashier's page and of what a cashier may order."""

from scripts.mutant_lists.mutant import Mutant

PAGE_TESTS = "tests/terminals/test_page.py"
DESK_TESTS = "tests/terminals/test_desk.py"
STATE_TESTS = "tests/terminals/test_state.py"
IN_TRAINING = f"{STATE_TESTS}::test_training_writes_nothing_and_says_so_in_every_order_of_events"

CASHIER = (
    Mutant(
        "qr_terminals/page/guard.py",
        'if headers.getlist("host") not in [[host] for host in self._hosts]:',
        "if False:",
        (f"{PAGE_TESTS}::test_another_name_for_this_box_is_refused",),
        "a name that was made to mean 127.0.0.1 gets in",
    ),
    Mutant(
        "qr_terminals/page/guard.py",
        "if not is_own or (method not in READING and len(origins) != 1):",
        "if method not in READING and len(origins) != 1:",
        (f"{PAGE_TESTS}::test_a_page_from_elsewhere_is_refused_everywhere",),
        "any page in the same browser gives orders",
    ),
    Mutant(
        "qr_terminals/page/guard.py",
        "if not is_own or (method not in READING and len(origins) != 1):",
        "if not is_own:",
        (f"{PAGE_TESTS}::test_what_changes_something_must_say_where_it_comes_from",),
        "an order without an origin is taken",
    ),
    Mutant(
        "qr_terminals/state.py",
        "case events.Accepted(presented, True) if not state.is_training:",
        "case events.Accepted(presented, True):",
        (IN_TRAINING, f"{DESK_TESTS}::test_training_does_not_ask_the_server"),
        "training asks the server, which posts",
    ),
    Mutant(
        "qr_terminals/state.py",
        "case events.Decided(Approved() as verdict) if state.is_training:",
        "case events.Decided(Approved() as verdict) if False:",
        (IN_TRAINING, f"{DESK_TESTS}::test_training_judges_a_true_code_and_writes_nothing"),
        "training takes money",
    ),
    Mutant(
        "qr_terminals/state.py",
        "if record is None or state.is_training:",
        "if record is None:",
        (f"{STATE_TESTS}::test_training_voids_nothing",),
        "a trainee voids a true payment",
    ),
    Mutant(
        "qr_terminals/terminal.py",
        "if is_training:  # nobody who practised",
        "if False:  # nobody who practised",
        (f"{DESK_TESTS}::test_a_crash_in_training_ends_in_training",),
        "after a crash a trainee takes money",
    ),
    Mutant(
        "qr_terminals/authority.py",
        "if hmac.compare_digest(_hash(pin, salt), wanted):",
        "if True:",
        (f"{DESK_TESTS}::test_a_void_asks_for_the_authority_where_one_is_set",),
        "any PIN voids",
    ),
    Mutant(
        "qr_terminals/authority.py",
        "if at < self._journal.mark(_UNTIL):",
        "if False:",
        (f"{DESK_TESTS}::test_wrong_authorities_lock_it_and_a_restart_does_not_help",),
        "the authority PIN can be guessed",
    ),
    Mutant(
        "qr_terminals/desk.py",
        "if order.sequence not in (None, last):",
        "if False:",
        (f"{DESK_TESTS}::test_a_list_that_was_paid_meanwhile_is_not_asked_of_the_next",),
        "the next in the queue pays for dishes of the one before",
    ),
    Mutant(
        "qr_terminals/till.py",
        "if payment is None or sequence in takings.voided or not self._is_young(payment):",
        "if payment is None or not self._is_young(payment):",
        (f"{DESK_TESTS}::test_any_of_the_last_ten_can_be_voided_once",),
        "a payment is voided twice",
    ),
    Mutant(
        "qr_terminals/till.py",
        "if payment is None or sequence in takings.voided or not self._is_young(payment):",
        "if payment is None or sequence in takings.voided:",
        (f"{DESK_TESTS}::test_only_young_payments_and_only_the_last_ten_can_be_voided",),
        "a cashier voids a payment of long ago",
    ),
    Mutant(
        "qr_terminals/cashier/face.py",
        'view_facts(view, scan_hash(view.scan) if view.scan else "")',
        "view_facts(view, view.scan)",
        (
            "tests/terminals/test_cashier.py::test_the_page_never_holds_a_whole_code_a_card_number_or_a_key",
        ),
        "the page holds whole codes",
    ),
    Mutant(
        "campus_code/menu.py",
        "if code not in prices:\n            raise",
        "if code not in prices:\n            continue\n            raise",
        ("tests/unit/campus_code/test_rules.py::test_dishes_are_added_up_from_the_menu_alone",),
        "a dish that is not on the menu is free",
    ),
)
