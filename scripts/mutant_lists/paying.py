"""Guards over top-ups: the one door, orders, invitations, and what comes to the notice address."""

from scripts.mutant_lists.mutant import Mutant, off

_DOOR = "backend/tables/top_ups.py"
_ORDERS = "backend/tables/top_up_orders.py"
_INVITATIONS = "backend/tables/invitations.py"
_DESK = "backend/usecases/order_desk.py"
_CASES = "backend/usecases/top_ups"
_HOOK = "backend/api/webhooks/wechat_pay.py"


def _paid(name: str) -> str:
    return f"tests/api/test_top_ups.py::test_{name}"


def _told(name: str) -> str:
    return f"tests/api/test_top_up_notices.py::test_{name}"


def _invited(name: str) -> str:
    return f"tests/api/test_top_up_invitations.py::test_{name}"


DOOR = (
    off(
        _DOOR,
        "if not _is_plain(told.out_trade_no):",
        _told("an_order_that_is_none_of_ours_credits_nobody"),
        "a number from outside is written into SQL, or fails the notice for ever",
    ),
    Mutant(
        _DOOR,
        "is_payer = row[12] == token_hash(told.openid)",
        "is_payer = True",
        (_told("another_persons_order_is_not_paid_by_mine"),),
        "somebody else's payment credits the order",
    ),
    off(
        _DOOR,
        "if isinstance(verdict, Paid) and standing.entry_id:",
        _paid("paid_for_a_purse_that_is_gone_waits_itemised"),
        "what was kept once is kept again with every notice",
    ),
    off(
        _DOOR,
        "if isinstance(verdict, Paid) and standing.is_used_elsewhere:",
        _told("one_transaction_pays_one_order"),
        "the second order fails on the index for ever instead of waiting for a person",
    ),
    off(
        _DOOR,
        "if isinstance(verdict, Paid) and not _is_plain(verdict.transaction_id):",
        _told("a_true_notice_of_something_else_is_held"),
    ),
    off(
        _DOOR,
        "if isinstance(verdict, Repeated):",
        _told("a_captured_notice_credits_once"),
        "a notice that comes again fails instead of being answered",
    ),
    off(
        _DOOR,
        "if isinstance(verdict, Mismatch):",
        _told("a_true_notice_of_something_else_is_held"),
        "what does not fit the order is not seen",
    ),
    off(
        _DOOR,
        'if order.state is TopUpState.HELD and proven_by != "bill":',
        _told("a_true_notice_of_something_else_is_held"),
        "a second notice decides against the first without a person",
    ),
    off(
        _DOOR,
        "if state in {TopUpState.PAID, TopUpState.HELD}:",
        _told("one_transaction_pays_one_order"),
        "a credited order is held by a later notice",
    ),
    Mutant(
        _DOOR,
        "mark = _mark(standing.id, state=TopUpState.HELD, held_because=why, due_at=0)",
        "mark = _mark(standing.id, held_because=why, due_at=0)",
        (_told("a_true_notice_of_something_else_is_held"),),
        "an order with a wrong notice is credited by the next right one",
    ),
    off(
        _DOOR,
        "if not is_over:",
        _paid("ok_from_a_phone_that_paid_nothing_credits_nothing"),
        "an order that may still be paid is closed by asking about it",
    ),
    off(
        _DOOR,
        "if standing.balance_fen is None or standing.floor_fen is None or not standing.has_card:",
        _paid("paid_for_a_purse_that_is_gone_waits_itemised"),
        "money goes into a purse that nobody can open any more",
    ),
    Mutant(
        _DOOR,
        "        writes.suspense.append(item)\n",
        "",
        (_paid("paid_for_a_purse_that_is_gone_waits_itemised"),),
        "money waits and no item names it",
    ),
    Mutant(
        _DOOR,
        "    writes.lots.append(lot)\n",
        "",
        (_paid("a_notice_credits_and_the_money_is_there"),),
        "credited money has no lot: it could never go back, and could come twice",
    ),
    Mutant(
        _DOOR,
        'known |= {"state": TopUpState.PAID, "held_because": "", "credited_at": now}',
        'known |= {"held_because": "", "credited_at": now}',
        (_told("a_captured_notice_credits_once"),),
        "the order does not learn that it was credited",
    ),
    off(
        _DOOR,
        "if not applied.is_new and await AuditRow.filter(subject=subject, verb=verb).exists():",
        _told("a_true_notice_of_something_else_is_held"),
        "one wrong notice fills the trail sixteen times",
    ),
)

ORDERS = (
    Mutant(
        _ORDERS,
        "    if said != (payer.holder_id, payer.label, payer.wechat_id, asked.amount_fen):\n",
        "    if not said:\n",
        (_paid("a_repeat_is_the_same_order_and_other_content_a_conflict"),),
        "a key that somebody else used shows his order",
    ),
    Mutant(
        _ORDERS,
        "        except IntegrityError:  # the same request came twice at once\n",
        "        except ZeroDivisionError:\n",
        (_paid("a_repeat_is_the_same_order_and_other_content_a_conflict"),),
        "a request that comes twice at once fails",
    ),
    Mutant(
        _ORDERS,
        "row = await TopUpRow.get_or_none(out_trade_no=number, holder_id=payer.holder_id)",
        "row = await TopUpRow.get_or_none(out_trade_no=number)",
        (_paid("ok_from_a_phone_that_paid_nothing_credits_nothing"),),
        "a foreign order is shown",
    ),
    Mutant(
        _ORDERS,
        "or not (is_own or payer.sees_all):",
        "or False:",
        (_paid("a_guardian_tops_up_and_sees_what_is_shared"),),
        "a guardian sees what was not shared",
    ),
    off(
        f"{_CASES}/open_sheet.py",
        "if row.wechat_id != payer.wechat_id:",
        _paid("a_guardian_tops_up_and_sees_what_is_shared"),
        "somebody else's payment is opened",
    ),
    off(
        f"{_CASES}/open_sheet.py",
        "if row.state not in OPEN_STATES or row.expires_at <= desk.at:",
        _paid("a_fresh_sheet_while_it_may_be_paid"),
    ),
    Mutant(
        f"{_CASES}/start_top_up.py",
        "    read_amount(asked.amount_fen, desk.amount_fen_max)\n",
        "",
        (_paid("a_school_takes_no_more_than_it_says"),),
        "more is ordered than the school allows",
    ),
    off(
        f"{_CASES}/start_top_up.py",
        "if not payer.wechat_id:",
        _paid("a_phone_without_wechat_cannot_pay"),
    ),
    off(
        f"{_CASES}/start_top_up.py",
        "if await newest_card(payer.holder_id) is None:",
        _paid("a_holder_without_a_card_cannot_be_topped_up"),
        "money is taken for a purse that cannot be opened",
    ),
    off(
        f"{_CASES}/find_payer.py",
        "if tie is None:",
        _paid("a_guardian_of_somebody_else_finds_nobody"),
    ),
    Mutant(
        f"{_CASES}/find_payer.py",
        "sees_balance=shows(sees, Sees.BALANCE),",
        "sees_balance=True,",
        (_paid("a_guardian_tops_up_and_sees_what_is_shared"),),
        "a balance is told to whom it was not shared with",
    ),
    off(
        f"{_CASES}/check_top_up.py",
        "if row.state not in ENDED:",
        _paid("the_own_query_credits_when_no_notice_comes"),
        "a paid order stays silent until the worker comes",
    ),
    Mutant(
        f"{_CASES}/check_top_up.py",
        "if row.state not in ENDED:",
        "if True:",
        (_paid("what_is_credited_is_never_asked_about_again"),),
        "every look at an old order is a call to WeChat Pay",
    ),
    Mutant(
        f"{_CASES}/ask_orders.py",
        "due = TopUpRow.filter(due_at__gt=0, due_at__lte=at)",
        "due = TopUpRow.filter(due_at__lte=at)",
        (_paid("what_is_credited_is_never_asked_about_again"),),
    ),
    off(
        f"{_CASES}/ask_orders.py",
        "if row.state == TopUpState.CLOSING or row.expires_at <= at:",
        _paid("an_order_nobody_pays_is_closed_on_both_sides"),
    ),
    Mutant(
        "backend/domain/top_up.py",
        "return min(due_at, expires_at) if at < expires_at else due_at",
        "return due_at",
        (_paid("an_order_that_never_arrived_is_closed_by_us_alone"),),
        "an order stands open for minutes after its time",
    ),
    Mutant(
        "backend/domain/top_up.py",
        "ASK_SECONDS: Final = (20, 40, 60, 120, 240)",
        "ASK_SECONDS: Final = (20, 40, 60, 120, 600)",
        (_paid("nothing_is_silent_longer_than_five_minutes"),),
    ),
    Mutant(
        f"{_CASES}/ask_orders.py",
        "    except WechatPayAwayError as error:\n",
        "    except ZeroDivisionError as error:\n",
        (_paid("while_closing_is_unknown_it_is_tried_again"),),
        "one order that WeChat Pay does not answer for stops all others",
    ),
)

DESK = (
    Mutant(
        _DESK,
        "        await opened.update(state=TopUpState.CLOSING.value)\n",
        "        _ = opened\n",
        (_paid("while_closing_is_unknown_it_is_tried_again"),),
        "an order that may be closed already is opened again",
    ),
    Mutant(
        _DESK,
        "        except OrderPaidError:\n            await self.ask(row)\n            return\n",
        "        except OrderPaidError:\n            log.info('paid')\n",
        (_paid("paid_in_the_last_second_is_credited_and_not_closed"),),
        "what was paid in the last second is closed with us",
    ),
    Mutant(
        _DESK,
        "        except UnknownToWechatPayError:\n            return Applied(",
        "        except ZeroDivisionError:\n            return Applied(",
        (_paid("an_order_that_never_arrived_is_closed_by_us_alone"),),
    ),
    Mutant(
        _DESK,
        "        except (OrderPaidError, OrderClosedError):\n",
        "        except OrderClosedError:\n",
        (_paid("a_sheet_asked_for_late_finds_the_order_paid"),),
        "who asks for a sheet again is not told that he has paid",
    ),
)

INVITATIONS = (
    off(
        "backend/domain/invitation.py",
        "if state is InvitationState.PAID:",
        _invited("a_relative_pays_once_and_sees_no_more_than_he_needs"),
        "an invitation is paid twice",
    ),
    off(
        "backend/domain/invitation.py",
        "if state is InvitationState.ENDED:",
        _invited("an_ended_invitation_takes_nothing_more"),
    ),
    off(
        "backend/domain/invitation.py",
        "if open_count >= OPEN_MAX:",
        _invited("only_so_many_at_a_time"),
    ),
    Mutant(
        "backend/domain/invitation.py",
        'return f"{name[:1]}*"',
        "return name",
        (_invited("a_relative_pays_once_and_sees_no_more_than_he_needs"),),
        "a forwarded address tells strangers a name",
    ),
    Mutant(
        _INVITATIONS,
        "row = await InvitationRow.get_or_none(token_hash=token_hash(token))",
        "row = await InvitationRow.all().first()",
        (_invited("only_the_hash_of_a_token_is_kept"),),
    ),
    Mutant(
        f"{_CASES}/start_invited.py",
        "min(invitation.amount_fen_max, desk.amount_fen_max)",
        "desk.amount_fen_max",
        (_invited("no_more_than_the_invitation_allows"),),
    ),
    Mutant(
        f"{_CASES}/start_invited.py",
        "    await _close_before(invitation.top_up_id, asked.request_key, desk)\n",
        "",
        (_invited("a_second_try_closes_the_first"),),
        "an order left unpaid blocks the invitation",
    ),
    off(
        f"{_CASES}/start_invited.py",
        'if before.state != "closed":',
        _invited("while_nobody_knows_whether_the_first_was_paid_nobody_else_pays"),
        "two people pay one invitation",
    ),
    Mutant(
        f"{_CASES}/end_invitation.py",
        "        await opened.update(state=TopUpState.CLOSING.value, due_at=at)\n",
        "        _ = opened\n",
        (_invited("an_ended_invitation_takes_nothing_more"),),
        "an invitation that was ended can still be paid",
    ),
    Mutant(
        f"{_CASES}/end_invitation.py",
        "            id=invitation_id, holder_id=payer.holder_id\n",
        "            id=invitation_id\n",
        (_invited("an_ended_invitation_takes_nothing_more"),),
        "anybody ends anybody's invitation",
    ),
    off(
        f"{_CASES}/end_invitation.py",
        "if row is None or not (payer.sees_all or row.made_by == payer.label):",
        _invited("an_ended_invitation_takes_nothing_more"),
    ),
    off(
        f"{_CASES}/list_invitations.py",
        "if not payer.sees_all:",
        _invited("a_guardian_sees_and_ends_his_own"),
    ),
    Mutant(
        "backend/api/open/invited.py",
        "    await parts.limits.take(Bucket.INVITED, token_hash(token))\n",
        "",
        (_invited("one_invitation_is_not_tried_for_ever"),),
    ),
    Mutant(
        "backend/api/open/invited.py",
        "    await parts.limits.take(Bucket.INVITED_ADDRESS,"
        " remote_address(request, parts.config))\n",
        "",
        (_invited("one_invitation_is_not_tried_for_ever"),),
    ),
)

HOOK = (
    off(
        f"{_CASES}/hear_payment.py",
        "if applied.outcome is Outcome.UNKNOWN:",
        _told("a_notice_that_is_faster_than_the_order_is_told_again"),
        "a notice that came too early is never told again",
    ),
    off(
        f"{_CASES}/hear_payment.py",
        "if not applied.is_taken:",
        _told("a_true_notice_of_something_else_is_held"),
        "what waits for a person is answered as if it were done",
    ),
    Mutant(
        _HOOK,
        "done, _ = await asyncio.wait({task}, timeout=ANSWER_SECONDS)",
        "done, _ = await asyncio.wait({task})",
        (_told("what_takes_too_long_is_answered_in_time_and_done"),),
        "WeChat Pay hangs up and counts us as away",
    ),
    Mutant(
        _HOOK,
        "    except XiaomaError as error:\n",
        "    except ZeroDivisionError as error:\n",
        (_told("a_forged_notice_credits_nothing"),),
        "a notice that is not believed is answered otherwise than WeChat Pay reads",
    ),
)

PAYING: tuple[Mutant, ...] = (*DOOR, *ORDERS, *DESK, *INVITATIONS, *HOOK)
