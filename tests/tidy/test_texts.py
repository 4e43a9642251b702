"""What files may not say, and that what they point at is there."""

import re

import pytest

from tests.tidy.sources import ROOT, paths

TEXT_SUFFIXES = (
    *(".cfg", ".css", ".csv", ".editorconfig", ".gitignore", ".html", ".in", ".ini", ".js"),
    *(".json", ".md", ".mjs", ".py", ".sh", ".svg", ".toml", ".ts", ".txt", ".vue", ".wxml"),
    *(".wxss", ".yaml", ".yml", ".ci/run"),
)
# written apart, so that this file does not say them
REGISTRIES = [
    "py" + "pi.org", "python" + "hosted", "npm" + "js.org", "npm" + "js.com", "npm" + "mirror",
    "deb." + "debian.org", "/" + "simple/", "mirrors" + ".", "registry" + ".npm", "index" + "-url ",
]  # fmt: skip
MACHINE = re.compile(
    r"(?<![\w.])/(?:wo" r"rk|ro" r"ot|op" r"t/(?:py" r"pi|wheels)|ho" r"me/\w+|Us" r"ers/\w+)/"
)
OUTSIDE = [".." + "/shared", "/tmp" + "/plan", "proto" + "types/", "CON" + "TRACT.md"]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)|(?:src|href)=\"([^\"]+)\"")


def registry_hosts(text: str) -> list[str]:
    return [host for host in REGISTRIES if host in text]


def machine_paths(text: str) -> list[str]:
    return [match.group() for match in MACHINE.finditer(text)] + [
        word for word in OUTSIDE if word in text
    ]


def broken_links(path: str, text: str) -> list[str]:
    """Return the relative links of a Markdown file that lead nowhere."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    broken = []
    for match in LINK.finditer(text):
        link = match.group(1) or match.group(2)
        if re.match(r"[a-z]+:|#", link):
            continue
        target = (ROOT / path).parent / link.split("#")[0]
        if not target.exists():
            broken.append(f"{path}: {link}")
    return broken


def folders_named(readme: str) -> set[str]:
    """Return the folders a README speaks of: `backend/` in code marks, or linked."""
    return {
        name.split("/")[0]
        for name in re.findall(r"`(\w[\w./-]*)/`|\]\((\w[\w./-]*)/?\)", readme)
        for name in name
        if name and "." not in name.split("/")[0]
    }


def texts() -> list[tuple[str, str]]:
    return [
        (path, (ROOT / path).read_text(encoding="utf-8"))
        for path in paths()
        if path.endswith(TEXT_SUFFIXES)
    ]


def test_no_file_names_a_package_registry() -> None:
    assert [(path, hosts) for path, text in texts() if (hosts := registry_hosts(text))] == []


def test_no_file_names_a_place_on_one_machine() -> None:
    assert [(path, found) for path, text in texts() if (found := machine_paths(text))] == []


def test_every_link_leads_somewhere() -> None:
    found = [broken_links(path, text) for path, text in texts() if path.endswith(".md")]
    assert [link for links in found for link in links] == []


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readme_names_every_folder_and_no_other(name: str) -> None:
    readme = ROOT / name
    assert readme.is_file(), f"{name} is missing"
    here = {path.split("/")[0] for path in paths() if "/" in path and path[0] != "."}
    assert folders_named(readme.read_text(encoding="utf-8")) == here


@pytest.mark.parametrize(
    "name",
    ["LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", ".editorconfig", ".ci/run"],
)
def test_the_project_has_its_papers(name: str) -> None:
    assert (ROOT / name).stat().st_size > 40


def test_ci_calls_the_one_command_and_nothing_else() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    programs = [line for line in lines if line and not line.startswith(("#", "set ", "cd "))]
    assert programs == ["exec python3 scripts/check.py"]


def test_text_files_end_with_one_line_end() -> None:
    assert [path for path, text in texts() if text and not re.search(r"[^\n]\n\Z", text)] == []
    assert [path for path, text in texts() if "\r" in text and path[-4:] != ".csv"] == []


# ------------------------------------------------------------------- the checks can fail


def test_the_registry_check_sees() -> None:
    assert registry_hosts("see https://" + "py" + "pi.org/project/x")
    assert not registry_hosts("pip install x")


@pytest.mark.parametrize("where", ["wo" + "rk/main", "ro" + "ot/x", "ho" + "me/ann/x"])
def test_the_machine_check_sees(where: str) -> None:
    assert machine_paths(f"open('/{where}')")
    assert machine_paths("see .." + "/shared/design")
    assert not machine_paths("the `network/` and a framework/x, GET /student/card/")


def test_the_link_check_sees() -> None:
    assert broken_links("docs/x.md", "[a](nowhere.md)") == ["docs/x.md: nowhere.md"]
    assert broken_links("docs/x.md", '<img src="no.png">') == ["docs/x.md: no.png"]
    assert broken_links("x.md", "[a](pyproject.toml#l1) [b](#c) [c](https://x.example)") == []


def test_the_folder_check_sees() -> None:
    assert folders_named("1. `backend/`\n2. [docs](docs/) and `tests/unit/`") == {
        "backend",
        "docs",
        "tests",
    }
