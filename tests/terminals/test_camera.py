"""A camera as a scanner: pictures, sightings, and a child process that may die or hang."""

from __future__ import annotations

import io
import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from qr_terminals.errors import ConfigError
from qr_terminals.readers import Scan, camera
from qr_terminals.readers.camera import CameraReader, Sightings, camera_command
from qr_terminals.readers.camera_child import frame_line
from qr_terminals.readers.framing import FRAME_BYTES_MAX as TEXT_MAX
from qr_terminals.readers.picture import (
    FRAME_BYTES_MAX,
    FrameError,
    cut_frames,
    open_frame,
    read_codes,
)
from simulators.camera.__main__ import to_jpeg
from simulators.camera.drawing import draw, draw_bars
from simulators.camera.optics import CONDITIONS, frame
from tests.terminals.bench import codes_into, wait_for

CODE = "9072024001301040897646836818487666"
OTHER = "9072024001301041955908396362480675"
PLAYED = (sys.executable, "-m", "simulators.camera", "--a-second", "25")


def filmed(text: str, condition: str = "clean", across: float = 200) -> bytes:
    return to_jpeg(frame(draw(text), across, CONDITIONS[condition], "one"))


# ------------------------------------------------------------------------------- pictures


@pytest.mark.parametrize("condition", sorted(CONDITIONS))
def test_a_code_is_read_from_a_frame_under_every_condition(condition: str) -> None:
    assert read_codes(open_frame(filmed(CODE, condition, across=260))) == [CODE]


def test_bars_are_read_too_and_other_symbols_are_not() -> None:
    assert read_codes(frame(draw_bars(CODE), 600, CONDITIONS["clean"], "bars")) == [CODE]
    matrix = zxingcpp.create_barcode(CODE, zxingcpp.BarcodeFormat.DataMatrix).to_image(scale=8)
    assert zxingcpp.read_barcodes(matrix)[0].text == CODE
    assert read_codes(Image.fromarray(matrix)) == []


def test_a_code_of_keys_or_of_other_scripts_is_no_code_of_digits() -> None:
    for text in ("amount 1\rquit\r", "\x1b[A" + CODE, "９０７２", CODE + "\r"):
        (read,) = read_codes(draw(text))
        assert read.isprintable()
        assert read != CODE
        assert len(read) <= TEXT_MAX


def test_frames_are_cut_out_of_a_stream_wherever_the_reads_end() -> None:
    first, second = filmed(CODE), filmed(OTHER)
    stream = b"noise" + first + b"\x00\x00" + second + first[:500]

    class Trickle(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 1, 997))

    assert list(cut_frames(Trickle(stream))) == [first, second]
    assert list(cut_frames(io.BytesIO(stream))) == [first, second]


def test_a_picture_without_an_end_is_dropped_and_the_next_one_is_whole() -> None:
    endless = b"\xff\xd8\xff" + b"\x00" * (FRAME_BYTES_MAX + 65_536)
    frames = list(cut_frames(io.BytesIO(endless + filmed(CODE))))
    assert [len(one) <= FRAME_BYTES_MAX for one in frames] == [True]
    assert read_codes(open_frame(frames[0])) == [CODE]


@given(st.lists(st.binary(max_size=40) | st.sampled_from([b"\xff\xd8\xff", b"\xff\xd9"])))
def test_no_stream_gives_anything_but_whole_pictures(parts: list[bytes]) -> None:
    for one in cut_frames(io.BytesIO(b"".join(parts))):
        assert one.startswith(b"\xff\xd8\xff")
        assert one.endswith(b"\xff\xd9")


def test_what_webcams_leave_out_of_their_pictures_is_not_missed() -> None:
    whole = filmed(CODE)
    bare = b""
    rest = whole[2:]
    while rest[1] != 0xDA:  # until the scan; every segment but the Huffman tables
        length = 2 + int.from_bytes(rest[2:4])
        bare += rest[:length] if rest[1] != 0xC4 else b""
        rest = rest[length:]
    bare = whole[:2] + bare + rest
    assert len(bare) < len(whole)
    assert read_codes(open_frame(bare)) == [CODE]


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xd8\xff\xd9", b"\xff\xd8\xff\xe0\x00\x10JFIF\xff\xd9", filmed(CODE)[:600]],
    ids=["nothing", "empty", "a head", "cut off"],
)
def test_a_damaged_picture_is_left_out(data: bytes) -> None:
    with pytest.raises(FrameError):
        open_frame(data)


def test_a_picture_larger_than_allowed_is_not_even_decoded() -> None:
    out = io.BytesIO()
    Image.new("L", (9000, 9000)).save(out, "JPEG")
    with pytest.raises(FrameError, match="9000×9000"):
        open_frame(out.getvalue())


def test_a_frame_with_two_codes_names_none() -> None:
    both = Image.new("L", (700, 350), 255)
    both.paste(draw(CODE), (20, 20))
    both.paste(draw(OTHER), (400, 20))
    assert read_codes(both) == sorted((CODE, OTHER))
    assert [frame_line(codes) for codes in ([], [CODE], [CODE, OTHER])] == ["0", f"1 {CODE}", "2"]


# ------------------------------------------------------------------------------- sightings


def test_a_code_in_many_frames_is_one_scan_until_it_was_out_of_sight() -> None:
    sightings = Sightings()
    assert [sightings.is_new(CODE, at / 10) for at in range(100)] == [True] + [False] * 99
    assert not sightings.is_new(CODE, 9.9 + camera.GONE_SECONDS)
    assert sightings.is_new(CODE, 9.9 + 2 * camera.GONE_SECONDS + 0.1)


def test_codes_that_take_turns_are_one_scan_each() -> None:
    sightings = Sightings()
    news = [sightings.is_new(text, at / 10) for at in range(10) for text in (CODE, OTHER)]
    assert sum(news) == 2


def test_no_number_of_codes_is_remembered_for_ever() -> None:
    sightings = Sightings()
    for number in range(1000):
        sightings.is_new(str(number), 0.0)
    assert len(sightings._seen_at) == camera.REMEMBERED_MAX
    assert not sightings.is_new("999", 0.0)


# --------------------------------------------------------------------------- the child process


Start = Callable[..., CameraReader]


@pytest.fixture
def found() -> queue.Queue[Scan]:
    return queue.Queue()


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    path = tmp_path / "scene"
    path.write_text(CODE)
    return path


def put(scene: Path, text: str) -> None:
    """Change what is in sight; never half of it."""
    new = scene.with_suffix(".new")
    new.write_text(text)
    new.replace(scene)


@pytest.fixture
def start(found: queue.Queue[Scan]) -> Iterator[Start]:
    readers: list[CameraReader] = []

    def begin(*command: str) -> CameraReader:
        reader = CameraReader("/dev/video0", command)
        readers.append(reader)
        reader.start(codes_into(found.put))
        return reader

    yield begin
    for reader in readers:
        reader.stop()
        assert not reader.is_connected


def children(pid: int) -> list[int]:
    """The processes that any thread of a process has started."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return [int(one) for task in threads for one in (task / "children").read_text().split()]


def descendants() -> list[int]:
    """The camera's child and the program that films."""
    own = [pid for pid in children(os.getpid()) if b"camera_child" in command_line(pid)]
    return [*own, *(one for pid in own for one in children(pid))]


def command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def test_what_is_held_before_the_camera_is_one_scan_until_it_is_taken_away(
    start: Start, found: queue.Queue[Scan], scene: Path
) -> None:
    reader = start(*PLAYED, str(scene))
    assert found.get(timeout=10) == Scan(CODE)
    assert reader.is_connected
    with pytest.raises(queue.Empty):
        found.get(timeout=0.5)
    put(scene, f"{CODE}\n{OTHER}")  # two phones: nobody pays for the other
    with pytest.raises(queue.Empty):
        found.get(timeout=0.5)
    put(scene, OTHER)
    assert found.get(timeout=5) == Scan(OTHER)


def test_a_child_that_is_killed_is_started_again_and_the_code_is_still_the_same_scan(
    start: Start, found: queue.Queue[Scan], scene: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera, "RESTART_SECONDS", 0.05)
    monkeypatch.setattr(camera, "GONE_SECONDS", 30.0)
    reader = start(*PLAYED, str(scene))
    assert found.get(timeout=10) == Scan(CODE)
    for _ in range(2):
        seen = reader.starts
        os.kill(descendants()[0], signal.SIGSEGV)  # as a fault in the decoder would end it
        wait_for(lambda seen=seen: reader.starts > seen)  # type: ignore[misc]
        wait_for(lambda: reader.is_connected, seconds=10)
    assert found.empty()
    put(scene, OTHER)
    assert found.get(timeout=10) == Scan(OTHER)


def test_a_child_or_camera_that_hangs_is_ended_and_started_again(
    start: Start, found: queue.Queue[Scan], scene: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera, "RESTART_SECONDS", 0.05)
    monkeypatch.setattr(camera, "SILENT_SECONDS_MAX", 0.8)
    reader = start(*PLAYED, str(scene))
    assert found.get(timeout=10) == Scan(CODE)
    for place in (0, 1):  # the child, then the program that films
        wait_for(lambda: reader.is_connected, seconds=10)
        held = descendants()
        seen = reader.starts
        os.kill(held[place], signal.SIGSTOP)
        wait_for(lambda seen=seen: reader.starts > seen, seconds=10)  # type: ignore[misc]
        assert not any(command_line(pid) for pid in held), "it left processes behind"


def test_a_program_that_never_films_is_ended_with_its_child(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera, "RESTART_SECONDS", 0.05)
    monkeypatch.setattr(camera, "START_SECONDS_MAX", 2.0)
    reader = start(sys.executable, "-c", "import time; time.sleep(60)")
    wait_for(lambda: len(descendants()) == 2, seconds=10)
    held = descendants()
    wait_for(lambda: reader.starts == 2, seconds=10)
    assert not any(command_line(pid) for pid in held), "it left processes behind"


@pytest.mark.parametrize(
    "command",
    [
        ("/nowhere/at/all",),
        ("true",),
        (sys.executable, "-c", "print('no picture at all')"),
        (sys.executable, "-c", "import sys; sys.stdout.buffer.write(b'\\xff\\xd8\\xff\\xd9' * 99)"),
    ],
    ids=["not there", "ends", "says words", "films nothing"],
)
def test_a_program_that_films_nothing_is_started_again_and_again(
    start: Start,
    found: queue.Queue[Scan],
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
) -> None:
    monkeypatch.setattr(camera, "RESTART_SECONDS", 0.01)
    reader = start(*command)
    wait_for(lambda: reader.starts >= 2, seconds=10)
    assert not reader.is_connected
    assert found.empty()


def test_when_the_terminal_is_killed_nothing_goes_on_filming(tmp_path: Path) -> None:
    program = (
        "import sys, time; from qr_terminals.readers.camera import CameraReader;"
        "CameraReader('x', sys.argv[1:]).start(print); time.sleep(60)"
    )
    mute = tmp_path / "mute.py"
    mute.write_text("import time\ntime.sleep(60)\n")
    with subprocess.Popen([sys.executable, "-c", program, sys.executable, str(mute)]) as terminal:
        try:
            wait_for(lambda: bool(children(terminal.pid)), seconds=10)
            (child,) = children(terminal.pid)
            wait_for(lambda: bool(children(child)), seconds=10)
            left = [child, *children(child)]
        finally:
            terminal.kill()
    wait_for(lambda: not any(command_line(pid) for pid in left))


@pytest.mark.slow
def test_memory_stays_flat_however_long_it_films(
    start: Start, found: queue.Queue[Scan], scene: Path
) -> None:
    reader = start(
        sys.executable, "-m", "simulators.camera", "--a-second", "200", str(scene)
    )  # fmt: skip
    assert found.get(timeout=10) == Scan(CODE)
    time.sleep(2)
    (child, _) = descendants()
    before = resident_bytes(child)
    time.sleep(6)
    assert reader.is_connected
    assert resident_bytes(child) <= before * 1.1


def resident_bytes(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def test_the_device_is_put_into_the_command() -> None:
    words = camera_command("/dev/v4l/by-id/usb camera")
    assert words[:2] == ["v4l2-ctl", "--device=/dev/v4l/by-id/usb camera"]
    assert camera_command("x", "film '{device} y'") == ["film", "x y"]


@pytest.mark.parametrize("command,match", [("", "is empty"), ("film 'x", "cannot be split")])
def test_a_wrong_command_is_explained(command: str, match: str) -> None:
    with pytest.raises(ConfigError, match=match):
        camera_command("x", command)
