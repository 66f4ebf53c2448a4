"""Changes of indexes by migrations, beside processes at work.

Migrations with these are not atomic; one that was cut short is run again.
"""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently, NotInTransactionMixin
from django.db import migrations
from django.db.migrations.state import ProjectState
from django.db.models import Index


class DropColumnIndex(NotInTransactionMixin, migrations.AlterField):
    """Take away the index that a foreign key makes for its column (``db_index=False``).

    Nobody waits for it: Django's own way would also check the foreign key anew, row by row, under
    a lock.
    """

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        self._ensure_not_in_transaction(schema_editor)
        model: Any = from_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        named = {
            index.name
            for index in to_state.models[app_label, model._meta.model_name].options["indexes"]
        }
        for name in schema_editor._constraint_names(
            model,
            [model._meta.get_field(self.name).column],
            index=True,
            unique=False,
            type_=Index.suffix,
            exclude=named,
        ):
            schema_editor.execute(f"DROP INDEX CONCURRENTLY {schema_editor.quote_name(name)}")

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        self._ensure_not_in_transaction(schema_editor)
        model: Any = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            field = model._meta.get_field(self.name)
            schema_editor.execute(
                schema_editor._create_index_sql(model, fields=[field], concurrently=True)
            )


class MakeIndex(AddIndexConcurrently):
    """Make an index while others write, in place of one that was left half made."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        self._ensure_not_in_transaction(schema_editor)
        schema_editor.execute(
            f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(self.index.name)}"
        )
        super().database_forwards(app_label, schema_editor, from_state, to_state)
