"""Write what the server says about itself: docs/openapi.json, and the types of who asks it.

`python3 scripts/export_openapi.py` writes all; `--check` writes nothing and ends with status 1
when one of them is not what the routes say. The types cover what a phone or the office's web may
ask: the routes of the audiences in PHONE and OFFICE, and the bodies and answers these speak of.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
from scripts import environment

ROOT = environment.ROOT
DOCUMENT = ROOT / "docs" / "openapi.json"
MINIPROGRAM = ROOT / "miniprogram"
TYPES = MINIPROGRAM / "models" / "api.ts"
OFFICE_TYPES = ROOT / "admin_web" / "src" / "api" / "schema.ts"
PHONE = frozenset({"open", "student", "guardian", "staff"})
OFFICE = frozenset({"open", "staff", "merchant", "admin"})
REFERENCE = "#/components/schemas/"
COMMAND = "python3 scripts/export_openapi.py"
HEADER = f"""\
// Made by `{COMMAND}` from the server's own routes; do not edit.
// 由服务器路由自动生成，请勿手改。
"""


def part_of(whole: dict[str, Any], audiences: frozenset[str]) -> dict[str, Any]:
    """Return the document with the routes of these audiences, and what these speak of."""
    paths = {
        path: operations
        for path, operations in whole["paths"].items()
        if any(audiences & set(one["tags"]) for one in operations.values())
    }
    schemas = whole["components"]["schemas"]
    wanted: set[str] = set()
    waiting = set(references(paths))
    while waiting:
        name = waiting.pop()
        wanted.add(name)
        waiting |= set(references(schemas[name])) - wanted
    components = {"schemas": {name: schemas[name] for name in schemas if name in wanted}}
    return {**whole, "paths": paths, "components": components}


def references(node: object) -> Iterator[str]:
    """Yield the names of the schemas that a piece of the document refers to."""
    if isinstance(node, list):
        for one in node:
            yield from references(one)
    elif isinstance(node, dict):
        said = node.get("$ref")
        if isinstance(said, str):
            yield said.removeprefix(REFERENCE)
        for one in node.values():
            yield from references(one)


def as_text(document: dict[str, Any]) -> str:
    """Return a document as it is written down: stable, and readable in a difference."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def types_of(document: dict[str, Any]) -> str:
    """Return TypeScript types of a document, as the npm package openapi-typescript makes them."""
    environ = environment.ensure_node_modules(MINIPROGRAM)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "openapi.json"), Path(folder, "api.ts")
        source.write_text(as_text(document), encoding="utf-8")
        command = [str(MINIPROGRAM / "node_modules" / ".bin" / "openapi-typescript")]
        command += [str(source), "--output", str(target), "--root-types"]
        command += ["--root-types-no-schema-prefix", "--default-non-nullable", "false"]
        done = subprocess.run(
            command, env=environ, cwd=MINIPROGRAM, check=False, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise SystemExit(f"openapi-typescript: {done.stdout}{done.stderr}")
        return HEADER + target.read_text(encoding="utf-8")


def stale(made: dict[Path, str]) -> list[Path]:
    """Return the files that are not as they were made just now."""
    return [
        path
        for path, text in made.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


def main() -> None:
    """Write the files, or say which of them is out of date."""
    environment.reexec(dev=False)
    parser = argparse.ArgumentParser(description="Write docs/openapi.json and the types of it.")
    parser.add_argument("--check", action="store_true", help="only compare; status 1 when stale")
    is_check = parser.parse_args().check
    from backend.api.app import server_document  # only inside .venv

    whole = server_document()
    made = {
        DOCUMENT: as_text(whole),
        TYPES: types_of(part_of(whole, PHONE)),
        OFFICE_TYPES: types_of(part_of(whole, OFFICE)),
    }
    old = stale(made)
    for path in old:
        name = path.relative_to(ROOT)
        if is_check:
            print(f"{name} 与服务器路由不符，请运行 · is not what the routes say, run: {COMMAND}")
        else:
            path.write_text(made[path], encoding="utf-8")
            print(f"已写入 · written: {name}")
    if is_check and old:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
