"""Customers and their own account: nobody else's, and nothing of any resource."""

import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from api.call import Call
from api.endpoint import Endpoint, endpoint
from api.representation import address
from portal.auth.caller import CUSTOMER
from portal.errors import PermissionDenied
from portal.rate import Rate
from portal.services.customer_accounts import CustomerAccounts, SignedIn
from portal.web.site import Site

TAG = "Customer accounts"
REGISTERING = Rate.parse("20/hour")
"""From one address."""

STORABLE = r"^[^\x00]*$"

Name = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=254,
        pattern=STORABLE,
        description="An e-mail address or a phone number.",
        examples=["ada@example.com"],
    ),
]
Password = Annotated[str, Meta(min_length=1, max_length=1000, examples=["three unrelated words"])]
Nickname = Annotated[str, Meta(min_length=1, max_length=60, pattern=STORABLE, examples=["Ada"])]
Device = Annotated[
    str, Meta(max_length=20, description="Where sessions are single, a new one ends the one before it of this kind.")
]
Sex = Literal["unknown", "female", "male"]


class Registration(Struct, forbid_unknown_fields=True):
    name: Name
    password: Password
    nickname: Nickname
    source: Literal["web", "ios", "android", "wechat", "invited"] = "web"
    device: Device = ""


class Credentials(Struct, forbid_unknown_fields=True):
    name: Name
    password: Password
    device: Device = ""


class SigningOut(Struct, forbid_unknown_fields=True):
    everywhere: Annotated[bool, Meta(description="On all devices.")] = False


class NewPassword(Struct, forbid_unknown_fields=True):
    old: Password
    new: Password


class ProfileChange(Struct, forbid_unknown_fields=True):
    nickname: Nickname | UnsetType = UNSET
    sex: Sex | UnsetType = UNSET


class Profile(Struct):
    """Who a customer is."""

    user_id: str
    nickname: str
    sex: Sex
    avatar_url: str | None
    email: str | None
    phone: str | None
    status: Literal["active", "muted", "blocked"]
    registered_at: datetime.datetime


class Session(Struct):
    """A token, shown this once: `Authorization: Bearer …`."""

    token: str
    expires_at: datetime.datetime | None
    profile: Profile


class CustomerEndpoints:
    """Sign-up, sign-in, sign-out, profile and password."""

    def __init__(self, accounts: CustomerAccounts) -> None:
        self._accounts = accounts

    def all(self) -> list[Endpoint]:
        own: dict[str, Any] = {"tag": TAG}
        return [
            endpoint("POST", "/account/sign-up", status=201, public=True, rate=REGISTERING, **own)(self.sign_up),
            endpoint("POST", "/account/sign-in", public=True, **own)(self.sign_in),
            endpoint("POST", "/account/sign-out", permission="me.view", **own)(self.sign_out),
            endpoint("GET", "/account", permission="me.view", **own)(self.show_account),
            endpoint("PATCH", "/account", permission="me.edit", **own)(self.change_account),
            endpoint("POST", "/account/password", permission="me.edit", **own)(self.change_password),
        ]

    async def sign_up(self, call: Call, body: Registration) -> Session:
        """Register, and be signed in."""
        found = await self._accounts.sign_up(
            body.name, body.password, body.nickname, source=body.source, group=body.device
        )
        return _session(call.site, found)

    async def sign_in(self, call: Call, body: Credentials) -> Session:
        """Get a token.

        A wrong name, a wrong password and a closed account are refused alike.
        """
        found = await self._accounts.sign_in(body.name, body.password, address=call.address, group=body.device)
        return _session(call.site, found)

    async def sign_out(self, call: Call, body: SigningOut) -> None:
        """End this token, or all."""
        user_id, token = _customer(call)
        await self._accounts.sign_out(user_id, token, everywhere=body.everywhere)

    async def show_account(self, call: Call) -> Profile:
        """Your own profile."""
        user_id, _token = _customer(call)
        return _profile(call.site, await self._accounts.profile(user_id))

    async def change_account(self, call: Call, body: ProfileChange) -> Profile:
        """Change your own profile; what is not sent stays."""
        user_id, _token = _customer(call)
        values = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not UNSET}
        return _profile(call.site, await self._accounts.change_profile(user_id, values))

    async def change_password(self, call: Call, body: NewPassword) -> None:
        """Choose another password; every other token ends."""
        user_id, token = _customer(call)
        await self._accounts.change_password(user_id, body.old, body.new, token=token)


def _customer(call: Call) -> tuple[str, int]:
    """Who calls, and by which token; others than customers have no account here."""
    if call.caller is None or call.caller.kind != CUSTOMER:
        raise PermissionDenied
    return call.caller.subject, call.caller.id


def _session(site: Site, found: SignedIn) -> Session:
    return Session(found.issued.text, found.issued.row.expires_at, _profile(site, found.customer))


def _profile(site: Site, row: Any) -> Profile:
    return Profile(
        row.user_id,
        row.nickname,
        row.sex.value,
        address(site, row.avatar) if row.avatar else None,
        row.email,
        row.phone,
        row.status.value,
        row.registered_at,
    )
