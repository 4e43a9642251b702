"""Every guard about money or trust, and the source without it."""

from scripts.mutant_lists.bank import BANK
from scripts.mutant_lists.benefits import BENEFITS
from scripts.mutant_lists.bills import BILLS
from scripts.mutant_lists.books import BOOKS
from scripts.mutant_lists.browser import BROWSER
from scripts.mutant_lists.cashier import CASHIER
from scripts.mutant_lists.chips import CHIPS
from scripts.mutant_lists.codes import CODES
from scripts.mutant_lists.corrections import CORRECTIONS
from scripts.mutant_lists.courtesy import COURTESY
from scripts.mutant_lists.decisions import DECISIONS
from scripts.mutant_lists.describing import DESCRIBING
from scripts.mutant_lists.devices import DEVICES
from scripts.mutant_lists.doors import DOORS
from scripts.mutant_lists.drawers import CASH
from scripts.mutant_lists.exports import EXPORT_GUARDS
from scripts.mutant_lists.faults import FAULTS
from scripts.mutant_lists.finance import FINANCE
from scripts.mutant_lists.guardians import GUARDIAN_GUARDS
from scripts.mutant_lists.limits import LIMITS
from scripts.mutant_lists.mutant import Mutant
from scripts.mutant_lists.nfc import NFC
from scripts.mutant_lists.notices import NOTICES
from scripts.mutant_lists.office_cards import OFFICE_CARDS
from scripts.mutant_lists.paying import PAYING
from scripts.mutant_lists.people import PEOPLE
from scripts.mutant_lists.posting import POSTING
from scripts.mutant_lists.psam import PSAM
from scripts.mutant_lists.reach import REACH
from scripts.mutant_lists.reconciling import RECONCILING
from scripts.mutant_lists.records import RECORDS
from scripts.mutant_lists.refunds import GOING_BACK
from scripts.mutant_lists.rollouts import ROLLOUTS
from scripts.mutant_lists.scanners import SCANNERS
from scripts.mutant_lists.server import SERVER
from scripts.mutant_lists.sets import SETS
from scripts.mutant_lists.shifts import SHIFTS
from scripts.mutant_lists.system import SYSTEM
from scripts.mutant_lists.terminals import TERMINALS
from scripts.mutant_lists.till import TILL
from scripts.mutant_lists.top_ups import TOP_UPS
from scripts.mutant_lists.trust import TRUST
from scripts.mutant_lists.views import VIEWS
from scripts.mutant_lists.visits import VISITS

__all__ = ["MUTANTS", "Mutant"]

MUTANTS: tuple[Mutant, ...] = (
    *SETS,
    *RECORDS,
    *CORRECTIONS,
    *BOOKS,
    *FINANCE,
    *SHIFTS,
    *BENEFITS,
    *BANK,
    *POSTING,
    *CODES,
    *NFC,
    *CHIPS,
    *PSAM,
    *DECISIONS,
    *PEOPLE,
    *EXPORT_GUARDS,
    *OFFICE_CARDS,
    *GUARDIAN_GUARDS,
    *LIMITS,
    *COURTESY,
    *BROWSER,
    *DEVICES,
    *REACH,
    *SYSTEM,
    *DOORS,
    *SERVER,
    *ROLLOUTS,
    *DESCRIBING,
    *TERMINALS,
    *SCANNERS,
    *TILL,
    *TRUST,
    *FAULTS,
    *CASHIER,
    *VIEWS,
    *TOP_UPS,
    *PAYING,
    *RECONCILING,
    *BILLS,
    *GOING_BACK,
    *CASH,
    *NOTICES,
    *VISITS,
)
