"""
One frame of a code before a camera: where it lies, how it is lit, what is wrong with the picture.

Everything random comes from the caller's seeded generator. Sizes are pixels of a 640×480 frame,
grey values 0 (black) to 255.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH, HEIGHT = 640, 480
FOCUS = 900.0  # pixels: a view of some 40° across, as webcams have
NOISE_LAYERS = 4
UNIFORM_DEVIATION = 73.9  # of one layer of bytes, each value as likely
Row = tuple[float, float, float]
Matrix = tuple[Row, Row, Row]


@dataclass(frozen=True, slots=True)
class Pose:
    """How the code lies: turned in its plane, leaning by `tilt` towards `lean`; all in degrees."""

    turn: float = 0.0
    tilt: float = 0.0
    lean: float = 0.0
    shift_x: float = 0.0
    shift_y: float = 0.0


@dataclass(frozen=True, slots=True)
class Flaws:
    """What is wrong with a picture; nothing when all are 0."""

    blur: float = 0.0  # standard deviation in pixels
    motion: int = 0  # pixels
    noise: float = 0.0  # standard deviation in grey values
    dark: int = 0  # grey value of the code's dark modules …
    light: int = 255  # … and of its light ones
    ground: int = 110  # grey value of what is around
    glare: float = 0.0  # part of the code's area
    cracks: int = 0


@dataclass(frozen=True, slots=True)
class Condition:
    """Poses and flaws by name; a pose is drawn anew for each frame."""

    name: str
    pose: Callable[[random.Random], Pose]
    flaws: Flaws = Flaws()


def _upright(chance: random.Random) -> Pose:
    return Pose(chance.uniform(-4, 4), 0, 0, chance.uniform(-40, 40), chance.uniform(-40, 40))


def _turned(chance: random.Random) -> Pose:
    return Pose(chance.uniform(0, 360))


def _tilted(chance: random.Random) -> Pose:
    return Pose(chance.uniform(-8, 8), chance.uniform(30, 45), chance.uniform(0, 360))


def _leaning(chance: random.Random) -> Pose:
    return Pose(chance.uniform(-10, 10), chance.uniform(15, 30), chance.uniform(0, 360))


CONDITIONS: Mapping[str, Condition] = {
    one.name: one
    for one in (
        Condition("clean", _upright),
        Condition("rotation", _turned),
        Condition("tilt", _tilted),
        Condition("blur", _upright, Flaws(blur=1.5)),
        Condition("motion", _upright, Flaws(motion=8)),
        Condition("noise", _upright, Flaws(noise=40)),
        Condition("dim", _upright, Flaws(dark=6, light=40, ground=16, noise=6)),
        Condition("low contrast", _upright, Flaws(dark=105, light=140, noise=4)),
        Condition("glare", _upright, Flaws(glare=0.03)),
        Condition("cracked screen", _upright, Flaws(cracks=5, noise=8)),
        Condition("together", _leaning, Flaws(blur=0.8, noise=12, dark=20, light=120, glare=0.012)),
    )
}


def frame(code: Image.Image | None, across: float, condition: Condition, seed: str) -> Image.Image:
    """
    A frame with a code `across` pixels wide (its quiet zone included), or with nothing in sight.

    The same seed gives the same frame.
    """
    chance = random.Random(seed)
    flaws = condition.flaws
    if code is None:
        return _noised(Image.new("L", (WIDTH, HEIGHT), flaws.ground), 6, chance)
    shown = _lit(code.convert("L"), flaws)
    if flaws.cracks:
        shown = _cracked(shown, flaws.cracks, chance)
    if flaws.glare:
        shown = _glaring(shown, flaws.glare, chance)
    picture = _placed(shown, across, condition.pose(chance), flaws.ground)
    if flaws.motion:
        picture = _moved(picture, flaws.motion, horizontally=chance.random() < 0.5)
    if flaws.blur:
        picture = picture.filter(ImageFilter.GaussianBlur(flaws.blur))
    return _noised(picture, flaws.noise, chance)


def _lit(code: Image.Image, flaws: Flaws) -> Image.Image:
    span = flaws.light - flaws.dark
    return code.point([flaws.dark + value * span // 255 for value in range(256)])


def _cracked(code: Image.Image, count: int, chance: random.Random) -> Image.Image:
    """Cracks run from one point to the edges, light on dark and dark on light."""
    picture = code.copy()
    pen = ImageDraw.Draw(picture)
    width, height = code.size
    middle = chance.uniform(0.1, 0.9) * width, chance.uniform(0.1, 0.9) * height
    for _ in range(count):
        x, y = middle
        heading = chance.uniform(0, 2 * math.pi)
        ink = chance.choice((0, 60, 200, 255))
        for _ in range(14):
            heading += chance.uniform(-0.5, 0.5)
            reach = 0.08 * width
            step = x + math.cos(heading) * reach, y + math.sin(heading) * reach
            pen.line((x, y, *step), fill=ink, width=max(1, round(width * 0.008)))
            x, y = step
    return picture


def _glaring(code: Image.Image, part: float, chance: random.Random) -> Image.Image:
    """A lamp's reflection: a soft white ellipse that covers this part of the code."""
    width, height = code.size
    flatness = chance.uniform(0.5, 2.0)
    half_wide = math.sqrt(part * width * height / math.pi * flatness)
    half_high = half_wide / flatness
    x, y = chance.uniform(0.15, 0.85) * width, chance.uniform(0.15, 0.85) * height
    light = Image.new("L", code.size, 0)
    box = (x - half_wide, y - half_high, x + half_wide, y + half_high)
    ImageDraw.Draw(light).ellipse(box, fill=255)
    return ImageChops.add(code, light.filter(ImageFilter.GaussianBlur(width * 0.01)))


def _placed(code: Image.Image, across: float, pose: Pose, around: int) -> Image.Image:
    """The code in the frame, as a pinhole camera projects it."""
    back = _inverse(_projection(code, across, pose))
    scale = back[2][2]
    flat = tuple(value / scale for row in back for value in row)[:8]
    size, how = (WIDTH, HEIGHT), Image.Transform.PERSPECTIVE
    small = max(code.size) / across  # smoothed first, or fine modules would shimmer
    soft = code.filter(ImageFilter.BoxBlur(max(small / 2 - 0.5, 0)))
    area = Image.new("L", code.size, 255).transform(size, how, flat)
    placed = soft.transform(size, how, flat, Image.Resampling.BICUBIC)
    ground = Image.new("L", size, around)
    ground.paste(placed, mask=area)
    return ground


def _projection(code: Image.Image, across: float, pose: Pose) -> Matrix:
    """From pixels of the code to pixels of the frame."""
    turn, tilt, lean = (math.radians(one) for one in (pose.turn, pose.tilt, pose.lean))
    rotation = _times(_around_z(lean), _times(_around_x(tilt), _around_z(turn - lean)))
    unit = across / code.width
    half_x, half_y = code.width * unit / 2, code.height * unit / 2
    shift = (pose.shift_x, pose.shift_y, FOCUS)
    rows = [
        (
            row[0] * unit,
            row[1] * unit,
            shift[number] - row[0] * half_x - row[1] * half_y,
        )
        for number, row in enumerate(rotation)
    ]
    camera: Matrix = ((FOCUS, 0, WIDTH / 2), (0, FOCUS, HEIGHT / 2), (0, 0, 1))
    return _times(camera, (rows[0], rows[1], rows[2]))


def _around_z(angle: float) -> Matrix:
    sine, cosine = math.sin(angle), math.cos(angle)
    return (cosine, -sine, 0), (sine, cosine, 0), (0, 0, 1)


def _around_x(angle: float) -> Matrix:
    sine, cosine = math.sin(angle), math.cos(angle)
    return (1, 0, 0), (0, cosine, -sine), (0, sine, cosine)


def _times(left: Matrix, right: Matrix) -> Matrix:
    rows = [
        tuple(sum(row[k] * right[k][column] for k in range(3)) for column in range(3))
        for row in left
    ]
    return (rows[0], rows[1], rows[2])  # type: ignore[return-value]


def _inverse(m: Matrix) -> Matrix:
    """The inverse but for its scale, which a projection does not need."""
    (a, b, c), (d, e, f), (g, h, i) = m
    return (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )


def _moved(picture: Image.Image, pixels: int, *, horizontally: bool) -> Image.Image:
    """The mean of the picture along a way: what a shutter sees of a hand that moves."""
    mean = picture
    for number in range(1, pixels):
        way = (number, 0) if horizontally else (0, number)
        mean = Image.blend(mean, ImageChops.offset(picture, *way), 1 / (number + 1))
    return mean


def _noised(picture: Image.Image, deviation: float, chance: random.Random) -> Image.Image:
    if not deviation:
        return picture
    count = picture.width * picture.height
    noise: Image.Image | None = None
    for number in range(NOISE_LAYERS):
        layer = Image.frombytes("L", picture.size, chance.randbytes(count))
        noise = layer if noise is None else Image.blend(noise, layer, 1 / (number + 1))
    if noise is None:
        return picture
    gain = deviation * math.sqrt(NOISE_LAYERS) / UNIFORM_DEVIATION
    scaled = noise.point([round(128 + (value - 128) * gain) for value in range(256)])
    return ImageChops.add(picture, scaled, scale=1, offset=-128)
