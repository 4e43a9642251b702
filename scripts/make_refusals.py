"""
Write miniprogram/models/refusals.ts, the phone's sentences for campus_code's refusals.

    python3 scripts/make_refusals.py            writes the file
    python3 scripts/make_refusals.py --check    exit status 1 if it is not what would be written
"""

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from campus_code import Evidence, Language, Refusal

TARGET = ROOT / "miniprogram" / "models" / "refusals.ts"
HEAD = """/** Made by scripts/make_refusals.py from campus_code/refusals.py: not by hand. */

export interface RefusalSentences {
  readonly zh: string;
  readonly en: string;
  /** What is put behind the sentence when the evidence holds `seconds`. */
  readonly seconds?: { readonly zh: string; readonly en: string };
}

export const REFUSALS: Readonly<Record<string, RefusalSentences>> = {
"""
PLACE = "{seconds}"
_MARK = 987_654_321  # no sentence holds this number by itself


def contents() -> str:
    """What the file holds."""
    lines = [f"  {refusal.value}: {_entry(refusal)},\n" for refusal in Refusal]
    return HEAD + "".join(lines) + "};\n"


def _entry(refusal: Refusal) -> str:
    parts = [f"    zh: {_quoted(refusal.zh)},", f"    en: {_quoted(refusal.en)},"]
    zh, en = (_behind(refusal, language) for language in ("zh", "en"))
    if zh or en:
        parts.append(f"    seconds: {{ zh: {_quoted(zh)}, en: {_quoted(en)} }},")
    return "\n".join(("{", *parts, "  }"))


def _behind(refusal: Refusal, language: Language) -> str:
    evidence: Evidence = {"seconds": _MARK}
    plain, whole = refusal.sentence(language), refusal.sentence(language, evidence)
    return whole.removeprefix(plain).replace(str(_MARK), PLACE)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def main() -> int:
    """Write or check the file."""
    parser = argparse.ArgumentParser(description="Write miniprogram/models/refusals.ts.")
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    is_check = parser.parse_args().check
    text = contents()
    if TARGET.exists() and TARGET.read_text("utf-8") == text:
        return 0
    print(f"{TARGET.name}: {'is not what would be written' if is_check else 'written'}")
    if not is_check:
        TARGET.write_text(text, "utf-8")
    return 1 if is_check else 0


if __name__ == "__main__":
    sys.exit(main())
