"""Guards over batches of benefits: two people, all or nothing, each line once."""

from scripts.mutant_lists.mutant import Mutant, off

_DECIDE = "backend/usecases/benefits/decide_batch.py"
_POST = "backend/usecases/benefits/post_batches.py"
_BOOKS = "backend/usecases/ledger/verify_ledger.py"
_GUARDS = "backend/migrations/0027_benefits.py"


def _benefits(name: str) -> tuple[str, ...]:
    return (f"tests/api/test_benefits.py::test_{name}",)


BENEFITS = (
    off(
        _DECIDE,
        "if row.made_by == actor.label:",
        *_benefits("a_batch_is_looked_at_kept_approved_and_given"),
    ),
    off(_DECIDE, "if row.decision:", *_benefits("what_was_rejected_is_never_given")),
    Mutant(
        _POST,
        'BenefitBatchRow.filter(decision="approved", posted_at=0)',
        "BenefitBatchRow.filter(posted_at=0)",
        _benefits("a_batch_is_looked_at_kept_approved_and_given"),
        "what nobody approved is given",
    ),
    Mutant(
        _POST,
        "if line.id not in still:",
        "if False:",
        _benefits("two_workers_give_it_once"),
        "two workers give it twice",
    ),
    Mutant(
        _BOOKS,
        "for (line_id,) in unequal:",
        "for (line_id,) in []:",
        _benefits("a_line_without_its_credit_is_found"),
        "a line that was given to nobody is not found",
    ),
    Mutant(
        _GUARDS,
        " AND {row}decided_by <> {row}made_by",
        "",
        _benefits("the_database_refuses"),
        "one person approves his own batch in the database",
    ),
    Mutant(
        _GUARDS,
        "OLD.entry_id <> 0 OR NEW.amount_fen <> OLD.amount_fen",
        "OLD.entry_id <> 0",
        _benefits("an_approved_line_gives_what_was_approved"),
        "a line gives more than was approved",
    ),
)
