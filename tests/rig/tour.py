"""A tour of every page of the mini-program, in the order a person comes by."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from playwright.async_api import Browser

from tests.rig.phone import TOP, Phone, new_phone
from tests.rig.preview import School

SETTLE_MS = 400
STUDENT_PAGES = (
    "statement",
    "spending",
    "trail",
    "guardians",
    "emergency",
    "windows",
    "disputes",
    "settings",
)
WORDS = {
    "zh_CN": {
        "code": "绑定码",
        "bind": "绑定",
        "name": "您的姓名",
        "login": "工号",
        "password": "密码",
        "totp": "动态码",
        "log in": "登录",
        "number": "学号或工号",
        "look up": "查找",
        "freeze": "丢了？一键冻结",
        "freeze money": "只冻结消费",
        "top up": "充值 ¥50.00",
        "make a link": "生成链接",
        "share": "发给微信好友",
    },
    "en": {
        "code": "Binding code",
        "bind": "Bind",
        "name": "Your name",
        "login": "Login",
        "password": "Password",
        "totp": "One-time code",
        "log in": "Log in",
        "number": "Student or staff number",
        "look up": "Look up",
        "freeze": "Lost it? Freeze now",
        "freeze money": "Payments only",
        "top up": "Top up ¥50.00",
        "make a link": "Make a link",
        "share": "Send to a WeChat friend",
    },
}


@dataclass(frozen=True)
class Visit:
    """One page with something on it, on a phone that can be looked at."""

    name: str
    phone: Phone


@dataclass(frozen=True)
class Tour:
    """Whose phone it is: its language, its size, the scale of its pictures."""

    browser: Browser
    school: School
    language: str
    size: tuple[int, int]
    scale: float = 1.0

    @property
    def words(self) -> dict[str, str]:
        """What the fields and buttons are called in this language."""
        return WORDS[self.language]

    async def phone(self, openid: str = "") -> Phone:
        """A fresh phone of this kind."""
        address = self.school.address()
        phone = await new_phone(
            self.browser, self.school.preview_url, address, size=self.size, scale=self.scale
        )
        phone.state |= {**self.school.phone_state(), "language": self.language}
        phone.state |= {"openid": openid} if openid else {}
        return phone


async def student_pages(tour: Tour) -> AsyncIterator[Visit]:
    """Binding, the card in its states, everything behind the menu."""
    student = tour.school.persona("student")
    stranger = await tour.phone()
    yield await _visit("card-unbound", await stranger.open())
    yield await _visit("bind", await stranger.open("pages/bind/index"))
    phone = await tour.phone(student["openid"])
    await _bind_or_enter(tour, phone, student["binding_code"])
    await phone.code()
    await phone.page.wait_for_function("() => !window.__preview.page().data.isRefreshing")
    yield await _visit("card", phone)
    await phone.go("pages/me/index")
    yield await _visit("menu", phone)
    for name in STUDENT_PAGES:
        await phone.go(f"packages/student/{name}/index")
        yield await _visit(name, phone)
        if name == "statement":
            await phone.page.locator(f"{TOP} .row").first.tap()
            await phone.is_at("packages/student/payment/index")
            yield await _visit("payment", phone)
            await phone.back()
        await phone.back()
    await phone.open(network="none")
    await phone.code()
    yield await _visit("card-offline", phone)
    await phone.open(network="wifi", fontSize=23)
    await phone.code()
    yield await _visit("card-large", phone)


async def frozen_page(tour: Tour) -> AsyncIterator[Visit]:
    """The card page with money frozen, then all, once a terminal knows: there must be one."""
    person = tour.school.person()
    phone = await tour.phone()
    await phone.open("pages/bind/index")
    await phone.type(tour.words["code"], person.binding_code)
    await phone.tap(tour.words["bind"])
    await phone.is_at("pages/card/index")
    await phone.code()
    await phone.tap(tour.words["freeze money"])
    await phone.page.wait_for_function("() => window.__preview.page().data.reachShare > 0")
    yield await _visit("card-money-frozen", phone)
    await phone.tap(tour.words["freeze"])
    await phone.page.wait_for_function("() => window.__preview.page().data.face === 'instead'")
    await phone.page.wait_for_function("() => window.__preview.page().data.reachShare > 0")
    yield await _visit("card-frozen", phone)


async def money_pages(tour: Tour) -> AsyncIterator[Visit]:
    """Topping up: before the tap, WeChat's sheet, paid; a relative's link, limits, leaving."""
    student = tour.school.persona("student")
    phone = await tour.phone(student["openid"])
    await _bind_or_enter(tour, phone, student["binding_code"])
    await phone.go("packages/topup/topup/index")
    await phone.page.locator(TOP).get_by_role("radio", name="¥50", exact=True).tap()
    yield await _visit("top-up", phone)
    await phone.tap(tour.words["top up"])
    await phone.page.get_by_role("dialog").wait_for()
    yield await _visit("top-up-sheet", phone)
    await phone.page.locator(".wx-pay-now").tap()
    await phone.page.wait_for_function("() => window.__preview.page().data.done")
    yield await _visit("top-up-paid", phone)
    await phone.go("packages/topup/history/index")
    yield await _visit("top-ups", phone)
    await phone.back()
    await phone.go("packages/topup/invitations/index")
    await phone.tap(tour.words["make a link"])
    await phone.page.wait_for_function("() => window.__preview.page().data.ready")
    await phone.tap(tour.words["share"])
    yield await _visit("invitation", phone)
    shared = (await phone.calls("openType share"))[-1]
    await phone.back()
    for name in ("limits", "leaving"):
        await phone.go(f"packages/topup/{name}/index")
        yield await _visit(name, phone)
        await phone.back()
    relative = await tour.phone()
    await relative.open(str(shared["path"]).removeprefix("/"))
    await relative.page.wait_for_function("() => window.__preview.page().data.isFormShown")
    yield await _visit("invited", relative)


async def guardian_pages(tour: Tour) -> AsyncIterator[Visit]:
    """A guardian with two children."""
    guardian = tour.school.persona("guardian")
    phone = await tour.phone(guardian["openid"])
    yield await _visit("bind-guardian", await phone.open("pages/bind/index?role=guardian"))
    await phone.type(tour.words["name"], guardian["name"])
    await phone.type(tour.words["code"], guardian["guardian_code"])
    await phone.tap(tour.words["bind"])  # the second child; an earlier tour may have used the code
    await phone.page.wait_for_timeout(SETTLE_MS * 3)
    await phone.open("packages/guardian/children/index")
    await phone.page.locator(f"{TOP} .child").first.wait_for()
    yield await _visit("children", phone)
    await phone.page.locator(f"{TOP} .child").first.tap()
    await phone.is_at("packages/guardian/child/index")
    yield await _visit("child", phone)
    await phone.back()
    minor = tour.school.persona("student", 1)["name"]
    await phone.page.locator(f"{TOP} .child", has_text=minor).first.tap()
    await phone.is_at("packages/guardian/child/index")
    child = await phone.page.evaluate("() => window.__preview.page().query.id")
    for name, page in (("child-top-up", "topup"), ("child-limits", "limits")):
        path = f"packages/topup/{page}/index"
        await phone.page.evaluate("url => wx.navigateTo({ url })", f"/{path}?child={child}")
        await phone.is_at(path)
        yield await _visit(name, phone)
        await phone.back()


async def staff_pages(tour: Tour) -> AsyncIterator[Visit]:
    """Login, a look-up, a person."""
    staff = tour.school.persona("staff")
    phone = await tour.phone(f"{staff['openid']}-{tour.language}-{tour.size[0]}")
    yield await _visit("login", await phone.open("packages/staff/login/index"))
    await phone.type(tour.words["login"], staff["login"])
    await phone.type(tour.words["password"], staff["password"])
    await phone.type(tour.words["totp"], await tour.school.totp(staff["totp_secret"]))
    await phone.tap(tour.words["log in"])
    await phone.is_at("packages/staff/lookup/index")
    yield await _visit("lookup", phone)
    await phone.type(tour.words["number"], tour.school.person().number)
    await phone.tap(tour.words["look up"])
    await phone.is_at("packages/staff/person/index")
    yield await _visit("person", phone)


async def _bind_or_enter(tour: Tour, phone: Phone, code: str) -> None:
    """Bind with the code, or come back by WeChat where an earlier tour has used it."""
    await phone.open()
    await phone.page.wait_for_timeout(SETTLE_MS * 3)
    if (await phone.data())["face"] == "code":
        return
    await phone.open("pages/bind/index")
    await phone.type(tour.words["code"], code)
    await phone.tap(tour.words["bind"])
    await phone.is_at("pages/card/index")


async def _visit(name: str, phone: Phone) -> Visit:
    await phone.page.wait_for_timeout(SETTLE_MS)
    return Visit(name, phone)
