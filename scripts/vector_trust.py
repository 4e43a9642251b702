"""The taps of vectors/trust.json: what a terminal approves alone, by the age of its last sync."""

import dataclasses

import campus_code as cc
from scripts.vector_decisions import Case, alone, sample_case, sample_rules


def trust_rules() -> cc.RulesBundle:
    """The same school with limits by age of the sync, per card, per terminal and per class."""
    rules = sample_rules()
    tiers = (
        cc.OfflineTier(3600, 3000, 3, "fresh", terminal_fen_max=100_000),
        cc.OfflineTier(86_400, 1500, 2, "stale", card_fen_max=1600, terminal_fen_max=20_000),
        cc.OfflineTier(259_200, 1500, 1, "old", card_fen_max=1200, terminal_fen_max=5000),
    )
    guest = dataclasses.replace(
        rules.classes[2], offline_limit_fen=3000, offline_age_seconds_max=7200
    )
    return dataclasses.replace(rules, offline=tiers, classes={**rules.classes, 2: guest})


def trust_cases() -> list[Case]:
    """Taps decided alone, by the age of the last sync."""
    fresh, stale, old = (
        {"sync_age_seconds": 3600},
        {"sync_age_seconds": 3601},
        {"sync_age_seconds": 86_401},
    )
    guest: Case = {"class_id": 2, "asked_fen": 500}
    asked: list[tuple[str, Case, Case]] = [
        ("fresh, the terminal's cap exactly", {}, alone(**fresh, terminal_fen=99_000)),
        ("fresh, over the terminal's cap", {}, alone(**fresh, terminal_fen=99_001)),
        ("stale, the card's cap exactly", {}, alone(**stale, payments=1, spent_fen=600)),
        ("stale, over the card's cap", {}, alone(**stale, payments=1, spent_fen=601)),
        ("stale, over the terminal's cap", {}, alone(**stale, terminal_fen=19_001)),
        ("old, over the card's cap", {"asked_fen": 1501}, alone(**old)),
        ("old, over the terminal's cap", {}, alone(**old, terminal_fen=4001)),
        ("a class that pays alone while the sync is young", guest, alone(sync_age_seconds=7200)),
        ("a class that does so no longer", guest, alone(sync_age_seconds=7201)),
        ("stop", {}, alone(sync_age_seconds=259_201)),
    ]
    return [sample_case(name, tap, {}, known, trust_rules()) for name, tap, known in asked]
