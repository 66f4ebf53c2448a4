"""Texts that no column could hold, as arguments of every command of the product."""

from typing import Any

import pytest
from django.apps import apps
from django.core.management import BaseCommand, CommandError, get_commands, load_command_class
from django.core.management.commands import migrate

from config.settings import PROJECT_APPS

# What a shell makes of a byte that is not UTF-8, half of a pair of surrogates, and NUL.
UNSTORABLE = [("\udcff", r"\udcff"), ("\ud800", r"\ud800"), ("a\x00b", r"a\x00b")]
DJANGOS = {action.dest for action in BaseCommand().create_parser("manage.py", "any")._actions}


def written_arguments() -> Any:
    """Return (command, argument, words before it) for every argument that is written freely."""
    found = []
    labels = {apps.get_app_config(name).name for name in PROJECT_APPS}
    for name, app in sorted(get_commands().items()):
        if app not in labels:
            continue
        command = load_command_class(app, name)
        # Its arguments are Django's: names of apps and migrations.
        if isinstance(command, migrate.Command):
            continue
        actions = command.create_parser("manage.py", name)._actions
        own = [action for action in actions if action.dest not in DJANGOS]
        positional = [action for action in own if not action.option_strings]
        for action in own:
            if action.nargs == 0 or action.choices:
                continue
            before = positional[: positional.index(action)] if action in positional else positional
            words = [*["1"] * len(before), *action.option_strings[:1]]
            found.append((name, action.dest, command, words))
    return found


def test_every_command_names_the_argument_that_no_column_could_hold() -> None:
    found = written_arguments()

    for name, argument, command, words in found:
        for value, shown in UNSTORABLE:
            with pytest.raises(CommandError) as refused:
                command.create_parser("manage.py", name).parse_args([*words, value])
            told = str(refused.value)
            assert f"{argument}: " in told, (name, argument, told)
            assert shown in told or argument in {"expires", "quantity"}, (name, argument, told)

    assert [(name, argument) for name, argument, _command, _words in found] == [
        ("changepassword", "username"),
        ("create_api_key", "username"),
        ("create_api_key", "name"),
        ("create_api_key", "expires"),
        ("create_compensation", "stock"),
        ("create_compensation", "sku"),
        ("create_compensation", "quantity"),
        ("create_compensation", "reason"),
        ("createsuperuser", "username"),
        ("createsuperuser", "email"),
        ("release_backorders", "stock"),
        ("release_backorders", "shipment"),
        ("release_backorders", "filter"),
        ("remove_second_factors", "username"),
    ]
