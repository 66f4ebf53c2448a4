"""The backend, where Django looks for it."""

from typing import Any

from django.db.backends.postgresql import base

from core.postgresql import driver


class DatabaseWrapper(base.DatabaseWrapper):
    """Gives each connection the option ``answer_seconds``: how long the server may take to answer.

    The option is not the server's: that knows no client's patience.
    """

    Database = driver

    def get_connection_params(self) -> dict[str, Any]:
        parameters = super().get_connection_params()
        parameters.pop("answer_seconds", None)
        return parameters

    def get_new_connection(self, conn_params: dict[str, Any]) -> driver.Connection:
        connection: driver.Connection = super().get_new_connection(conn_params)
        connection.limit_answers(self.settings_dict["OPTIONS"].get("answer_seconds"))
        return connection
