"""The rules of customers: who is shut out is shut out of the API at once."""

from typing import Any

from sqlalchemy import ColumnElement, inspect, select, update

from portal.db.mixins import now
from portal.models.api_token import CUSTOMER, ApiToken
from portal.models.customer import Customer, CustomerStatus
from portal.services.changes import Change
from portal.services.resource import ResourceService


class CustomerService(ResourceService):
    """A customer who is blocked or deleted loses all tokens in the same transaction."""

    async def before_save(self, row: Any, *, created: bool) -> None:
        if row.status is CustomerStatus.blocked and inspect(row).attrs.status.history.has_changes():
            await self._end_tokens(ApiToken.subject == row.user_id)

    async def delete(self, key: str, version: str | None = None) -> str:
        await self._end_tokens(ApiToken.subject == self.mapping.key_values(key)["user_id"])
        return await super().delete(key, version)

    async def delete_rows(self, rows: ColumnElement[bool]) -> int:
        await self._end_tokens(ApiToken.subject.in_(select(Customer.user_id).where(rows)))
        return await super().delete_rows(rows)

    async def _end_tokens(self, whose: ColumnElement[bool]) -> None:
        alive = whose & (ApiToken.kind == CUSTOMER) & ApiToken.revoked_at.is_(None)
        ids = list(await self.session.scalars(select(ApiToken.id).where(alive)))
        if ids:
            ended = update(ApiToken).where(ApiToken.id.in_(ids)).values(revoked_at=now(), slot=None)
            await self.session.execute(ended, execution_options={"synchronize_session": False})
            # whoever remembers tokens forgets these
            self._changes.append(Change(ApiToken.__tablename__, "edit", tuple(map(str, ids))))
