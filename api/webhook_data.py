"""The rows that webhooks tell of, as the API shows them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import selectinload

from api.representation import shown_object
from api.schemas import ResourceSchema

if TYPE_CHECKING:
    from portal.services.changes import Change
    from portal.services.unit_of_work import UnitOfWork
    from portal.services.webhooks.outbox import Represent
    from portal.web.site import Site


def representation(site: "Site", schemas: Mapping[str, ResourceSchema]) -> "Represent":
    """For the outbox of a portal, inside the transaction of the change."""

    async def represent(work: "UnitOfWork", change: "Change") -> dict[str, Any] | None:
        schema = schemas.get(change.resource)
        if schema is None or schema.resource.facts.mapping.table_name != change.table:
            return None
        mapping, names = schema.resource.facts.mapping, tuple(schema.readable)
        many = [name for name in names if schema.readable[name].kind == "relations"]
        model: type[Any] = mapping.model
        row = await work.session.get(
            model,
            tuple(mapping.key_values(change.keys[0]).values()),
            options=[selectinload(getattr(model, name)) for name in many],
            populate_existing=True,  # as it is now in the database, whatever the statement was that changed it
        )
        return None if row is None else shown_object(site, schema, names, row)

    return represent
