"""What customers do with their own account: register, sign in and out, change their profile and password."""

import logging
import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from portal.auth.actor import Actor
from portal.auth.passwords import Passwords, complaint
from portal.auth.throttle import SignInThrottle
from portal.auth.tokens import Issued, Tokens
from portal.db.engine import Database
from portal.db.mixins import now
from portal.errors import InputError, NotFound, PortalError
from portal.i18n import _
from portal.models.api_token import CUSTOMER
from portal.models.customer import Customer, CustomerStatus, RegistrationSource, Sex
from portal.models.customer_login import CustomerLogin
from portal.services.customers import CustomerService
from portal.services.unit_of_work import UnitOfWork

SCOPES = ("me.edit", "me.view")
"""What customers may: nothing of any resource."""

LIFETIME = timedelta(days=30)

EMAIL = re.compile(r"[^@\s,;<>]{1,64}@[^@\s,;<>]+\.[^@\s,;<>.]{2,63}")
PHONE = re.compile(r"\+?[0-9]{6,20}")

Work = Callable[[Actor], AbstractAsyncContextManager[UnitOfWork]]

_log = logging.getLogger("portal.auth")


class SignInRefused(PortalError):
    """A wrong name, a wrong password or a closed account alike."""

    status = 422
    code = "sign-in-refused"
    sentence = _("The name or the password is not right.")


@dataclass(frozen=True)
class SignedIn:
    """A customer and their new token."""

    customer: Customer
    issued: Issued = field(repr=False)


async def is_welcome(session: AsyncSession, user_id: str) -> bool:
    """Whether a customer's token is still good for anything."""
    status = await session.scalar(select(Customer.status).where(Customer.user_id == user_id))
    return status is not None and status is not CustomerStatus.blocked


@dataclass(frozen=True)
class CustomerAccounts:
    """The accounts of one portal; `work` opens a unit of work that may write."""

    database: Database
    tokens: Tokens
    throttle: SignInThrottle
    passwords: Callable[[], Passwords]
    work: Work

    async def sign_up(self, name: str, password: str, nickname: str, *, source: str, group: str) -> SignedIn:
        """A new customer, signed in; `InputError` with all that can't be taken."""
        plain = plain_name(name)
        errors = {} if plain else {"name": _("Please give an e-mail address or a phone number.").coded("format")}
        if problem := complaint(password, names=(plain or name, nickname)):
            errors["password"] = problem
        if not nickname.strip():
            errors["nickname"] = _("This is needed.")
        if errors or plain is None:
            raise InputError(errors)
        # before anything is looked up, so that the time does not tell who is registered
        hashed = await self.passwords().hash(password)
        user_id = secrets.token_hex(8)
        contact = {"email": plain} if "@" in plain else {"phone": plain}
        values = {"user_id": user_id, "nickname": nickname.strip(), "source": RegistrationSource(source), **contact}
        taken = InputError({"name": _("Somebody is registered with this already.").coded("taken")})
        async with self.work(_themselves(user_id)) as work:
            if await work.session.scalar(select(CustomerLogin.user_id).where(CustomerLogin.name == plain)):
                raise taken
            service = _WithLogin("customers", Customer, work)
            service.login = CustomerLogin(user_id=user_id, name=plain, password_hash=hashed)
            try:
                customer: Customer = await service.create(values)
            except IntegrityError as error:  # somebody registers with it at the same moment
                raise taken from error
        _log.info("customer registered: %s", user_id)
        return SignedIn(customer, await self._issue(user_id, group))

    async def sign_in(self, name: str, password: str, *, address: str | None, group: str) -> SignedIn:
        """A new token; `SignInRefused`, or `TooManyAttempts` after many of them."""
        plain = plain_name(name) or name
        attempt = await self.throttle.admit(plain, address)
        found = await self._find(plain)
        fits = await self.passwords().verify(found[1].password_hash if found else None, password)
        if found is None or not fits or found[0].status is CustomerStatus.blocked:
            _log.warning("customer sign-in refused: name=%s address=%s", attempt.name_hash[:12], address)
            raise SignInRefused
        customer, login = found
        async with self.database.write() as db:
            await self.throttle.forgive(db, attempt)
            await db.commit()
        issued = await self._issue(customer.user_id, group)
        # what ended all tokens in the meantime did not know of this one
        again = await self._find(plain)
        if again is None or again[1].password_hash != login.password_hash or again[0].status is CustomerStatus.blocked:
            await self.tokens.revoke(issued.row.id)
            raise SignInRefused
        return SignedIn(customer, issued)

    async def sign_out(self, user_id: str, token: int, *, everywhere: bool) -> None:
        """End this token, or all of the customer."""
        if everywhere:
            await self.tokens.revoke_subject(CUSTOMER, user_id)
        else:
            await self.tokens.revoke(token)

    async def profile(self, user_id: str) -> Customer:
        """Who they are."""
        async with self.database.read() as db:
            found = await db.get(Customer, user_id)
        if found is None:
            raise NotFound
        return found

    async def change_profile(self, user_id: str, values: Mapping[str, str]) -> Customer:
        """Change `nickname` or `sex`, by the same rules as operators."""
        if not values.get("nickname", "-").strip():
            raise InputError({"nickname": _("This is needed.")})
        kept: dict[str, Any] = {name: value.strip() for name, value in values.items()}
        if "sex" in kept:
            kept["sex"] = Sex(kept["sex"])
        async with self.work(_themselves(user_id)) as work:
            service = CustomerService("customers", Customer, work)
            changed: Customer = await service.save(service.mapping.key_of(await self.profile(user_id)), kept, None)
            return changed

    async def change_password(self, user_id: str, old: str, new: str, *, token: int) -> None:
        """After asking the old one; ends every token but this. `InputError` names `old` or `new`."""
        # counted apart from signing in: whoever found a token can't close the front door with it
        attempt = await self.throttle.admit(f"password of customer {user_id}", None)
        async with self.database.read() as db:
            login = await db.get(CustomerLogin, user_id)
        if not await self.passwords().verify(login.password_hash if login else None, old) or login is None:
            _log.warning("password change refused: customer=%s", user_id)
            raise InputError({"old": _("This is not your present password.")})
        if new == old:
            raise InputError({"new": _("This is the present password; choose another one.")})
        nickname = (await self.profile(user_id)).nickname
        if problem := complaint(new, names=(login.name, nickname)):
            raise InputError({"new": problem})
        hashed = await self.passwords().hash(new)
        same = (CustomerLogin.user_id == user_id) & (CustomerLogin.password_hash == login.password_hash)
        async with self.database.write() as db:
            await self.throttle.forgive(db, attempt)
            await db.execute(update(CustomerLogin).where(same).values(password_hash=hashed, changed_at=now()))
            await db.commit()
        await self.tokens.revoke_subject(CUSTOMER, user_id, keep=token)
        _log.info("password changed: customer=%s", user_id)

    async def _issue(self, user_id: str, group: str) -> Issued:
        return await self.tokens.issue(
            "sign-in", kind=CUSTOMER, subject=user_id, scopes=SCOPES, lifetime=LIFETIME, group=group
        )

    async def _find(self, plain: str) -> tuple[Customer, CustomerLogin] | None:
        if plain_name(plain) is None:
            return None
        with_login = select(Customer, CustomerLogin).join(CustomerLogin, CustomerLogin.user_id == Customer.user_id)
        async with self.database.read() as db:
            row = (await db.execute(with_login.where(CustomerLogin.name == plain))).first()
        return None if row is None else (row[0], row[1])


class _WithLogin(CustomerService):
    """Creates a customer together with what they sign in with."""

    login: CustomerLogin

    async def _finish(self, values: Mapping[str, Any]) -> None:
        self.session.add(self.login)
        await self.session.flush()
        await super()._finish(values)


def plain_name(text: str) -> str | None:
    """An e-mail address or a phone number as it is compared; nothing where it is neither."""
    text = text.strip()
    if len(text) > 254 or "\0" in text or not text.isprintable():
        return None
    if EMAIL.fullmatch(text):
        return text.casefold()
    digits = re.sub(r"[\s()./-]", "", text)
    return digits if PHONE.fullmatch(digits) else None


def _themselves(user_id: str) -> Actor:
    """A customer acting on their own row: the policy of operators has no say in it."""
    name = f"{CUSTOMER}:{user_id}"
    return Actor(id=name, name=name, display=name, superuser=True)
