"""Guards of readers: a scan is data, a sighting one scan, and what looks at pictures may die."""

from scripts.mutant_lists.mutant import Mutant, off

_FRAMING = "tests/terminals/test_framing.py"
_HID = "tests/terminals/test_hid.py"
_CAMERA = "tests/terminals/test_camera.py"
_PROVISION = "tests/terminals/test_provision.py"

SCANNERS = (
    Mutant(
        "qr_terminals/readers/framing.py",
        'text = "".join(one if one.isprintable() else f"\\\\x{ord(one):02x}" for one in text)',
        'text = "".join(one for one in text if one.isprintable())',
        (f"{_FRAMING}::test_a_code_in_other_clothes_is_one_text_that_is_no_code",),
        "keys inside a scan would be cleaned away and leave a code that nobody showed",
    ),
    off(
        "qr_terminals/readers/framing.py",
        "if self._held and now - self._fed_at > STALE_SECONDS:",
        f"{_FRAMING}::test_half_a_scan_from_long_ago_is_no_beginning",
    ),
    Mutant(
        "qr_terminals/readers/hid.py",
        "device.grab()",
        "pass",
        (f"{_HID}::test_it_is_grabbed_before_anything_is_read_and_given_back_at_the_end",),
        "a scan would be typed into whatever has the focus",
    ),
    off(
        "qr_terminals/readers/hid.py",
        "if self._down & _CHORDS:",
        f"{_HID}::test_a_chord_is_neither_a_digit_nor_a_command",
    ),
    off(
        "qr_terminals/readers/hid.py",
        "if event.type == ecodes.EV_SYN and event.code == ecodes.SYN_DROPPED:",
        f"{_HID}::test_when_the_kernel_lost_events_the_scan_is_unreadable_and_the_next_is_whole",
    ),
    Mutant(
        "qr_terminals/readers/hid.py",
        "if event.value != _PRESSED or",
        "if event.value == 0 or",
        (f"{_HID}::test_a_lost_release_repeats_nothing",),
    ),
    Mutant(
        "qr_terminals/readers/camera_child.py",
        "if len(codes) == 1 else",
        "if codes else",
        (f"{_CAMERA}::test_a_frame_with_two_codes_names_none",),
        "somebody would pay for the one who stands beside him",
    ),
    Mutant(
        "qr_terminals/readers/camera_child.py",
        "os.killpg(0, signal.SIGKILL)",
        "pass",
        (f"{_CAMERA}::test_when_the_terminal_is_killed_nothing_goes_on_filming",),
    ),
    Mutant(
        "qr_terminals/readers/camera.py",
        "is_new = text not in self._seen_at",
        "is_new = True",
        (f"{_CAMERA}::test_a_code_in_many_frames_is_one_scan_until_it_was_out_of_sight",),
    ),
    Mutant(
        "qr_terminals/readers/camera.py",
        "while not self._stopping.is_set() and time.monotonic() < deadline:",
        "while not self._stopping.is_set():",
        (f"{_CAMERA}::test_a_child_or_camera_that_hangs_is_ended_and_started_again",),
    ),
    Mutant(
        "qr_terminals/readers/camera.py",
        "os.killpg(child.pid, signal.SIGKILL)",
        "child.kill()",
        (f"{_CAMERA}::test_a_program_that_never_films_is_ended_with_its_child",),
        "the program that films would live on and hold the camera",
    ),
    off(
        "qr_terminals/readers/picture.py",
        "if picture.width * picture.height > FRAME_PIXELS_MAX:",
        f"{_CAMERA}::test_a_picture_larger_than_allowed_is_not_even_decoded",
    ),
    off(
        "qr_terminals/readers/picture.py",
        "if len(held) > FRAME_BYTES_MAX:",
        f"{_CAMERA}::test_a_picture_without_an_end_is_dropped_and_the_next_one_is_whole",
    ),
    Mutant(
        "qr_terminals/control.py",
        'if _is_code("".join(groups)):',
        "if groups:",
        ("tests/terminals/test_typed_codes.py::test_what_cannot_be_a_code_is_no_order",),
    ),
    off(
        "qr_terminals/install/provision.py",
        "if told and told != known:",
        f"{_PROVISION}::test_an_enrolled_box_does_not_go_over_to_another_server",
    ),
    Mutant(
        "qr_terminals/install/provision.py",
        "if finding.is_needed]",
        "if finding.is_good]",
        (f"{_PROVISION}::test_the_score_is_full_only_when_everything_needed_is_there",),
    ),
    Mutant(
        "qr_terminals/install/checks.py",
        "wanted = ours if status.st_gid in self.gids else others",
        "wanted = ours",
        (f"{_PROVISION}::test_the_rights_that_count_are_those_of_the_program",),
    ),
)
