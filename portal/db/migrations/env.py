"""What Alembic runs for every command of `portal.db.migrate`, which hands over the connection."""

from alembic import context

attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    target_metadata=attributes["metadata"],
    version_table=attributes["version_table"],
    include_object=attributes["include_object"],
    include_name=attributes["include_name"],
    render_item=attributes["render_item"],
    process_revision_directives=attributes["process_revision_directives"],
    # SQLite changes a column by making the table anew.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
