"""What a click did is said in the words of its page: with its object, number or name."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fulfillment.admin.shipment.action_results import RESULTS
from fulfillment.release.shipment_actions import ACTIONS as SHIPMENT_ACTIONS
from inventory.admin.supply_actions import ACTIONS as SUPPLY_ACTIONS
from orders.admin.change_page import TASKS
from tests.lints.translations import ROOT, SOURCES

# Results whose sentences are in a table elsewhere, which a test below walks.
TABLES = {
    "outcome_in_words(supply, plan)",
    "form.result()",
    "first",
    "result_in_words(code, result)",
}
EMPTY_WORDS = ("done", "success", "it is")
KINDS = {"success"}


def results(source: str) -> Iterator[tuple[int, str, set[str]]]:
    """Yield each message of a result: its line, what it is made of, and the texts in that."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        levels = {arg.attr.lower() for arg in node.args if isinstance(arg, ast.Attribute)}
        is_message = ast.unparse(node.func.value) == "messages" and node.func.attr in KINDS
        if is_message or (node.func.attr == "message_user" and "success" in levels):
            sentence = node.args[1]
            yield node.lineno, ast.unparse(sentence), set(_texts(_without_values(sentence), tree))


def _without_values(sentence: ast.expr) -> ast.expr:
    """Return a sentence without what fills its gaps: a number has no words of its own."""
    if isinstance(sentence, ast.BinOp) and isinstance(sentence.op, ast.Mod):
        return sentence.left
    return sentence


def _texts(made_of: ast.expr, tree: ast.Module) -> Iterator[str]:
    """Yield the texts of an expression, with those of the names and functions in it.

    What fills a sentence is none of its texts.
    """
    if isinstance(made_of, ast.BinOp) and isinstance(made_of.op, ast.Mod):
        made_of = made_of.left
    for node in ast.walk(made_of):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and " " in node.value.strip()
        ):
            yield node.value
        elif isinstance(node, ast.Name):
            for value in _values(node, tree):
                yield from _texts(value, tree)


def _values(name: ast.Name, tree: ast.Module) -> list[ast.expr]:
    """Return what a name was last given before its line, or the answers of the function it names.

    A text in a function's own docstring is none of them.
    """
    given: list[tuple[int, ast.expr]] = []
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and function.name == name.id:
            inner = [part for part in function.body if not isinstance(part, ast.Expr)]
            parts = [part for each in inner for part in ast.walk(each)]
            return [part for part in parts if isinstance(part, ast.Constant)]
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else []
        names = {target.id for target in targets if isinstance(target, ast.Name)}
        is_before = getattr(node, "lineno", 0) < name.lineno
        if name.id in names and is_before and isinstance(node, ast.Assign):
            given.append((node.lineno, node.value))
    return [value for _line, value in sorted(given, key=lambda one: one[0])[-1:]]


def is_vague(text: str) -> bool:
    """Whether a result names nothing that it was done to."""
    return "%(" not in text or any(word in text.lower().split(" %(")[0] for word in EMPTY_WORDS)


def test_a_vague_result_is_found() -> None:
    source = 'sentence = gettext("It is saved.")\nmessages.success(request, sentence)\n'

    [(line, made_of, texts)] = results(source)

    assert (line, made_of, texts) == (2, "sentence", {"It is saved."})
    assert is_vague("It is saved.")
    assert is_vague("Done: %(shipment)s")
    assert not is_vague("Shipped %(units)s units from %(source)s.")


def test_every_message_of_a_result_names_what_was_done_to_what() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{line}": (made_of, texts)
        for path in map(Path, SOURCES)
        for line, made_of, texts in results(path.read_text())
    }

    vague = {
        at: texts
        for at, (made_of, texts) in found.items()
        if not any(table in made_of for table in TABLES)
        and not at.startswith("fulfillment/admin/review/saved_views.py")
        and (not texts or any(map(is_vague, texts)))
    }
    assert len(found) > 15
    assert vague == {}


def test_every_result_in_a_table_names_what_was_done_to_what() -> None:
    sentences = [str(action.result) for action in SUPPLY_ACTIONS]
    # One of many units is known once their number is.
    gaps = {"count": 2, "units": "%(units)s", "order": "%(order)s"}
    done: list[Any] = [form.done for form in TASKS.values()]
    sentences += [str(sentence % gaps) for sentence in done]

    assert [sentence for sentence in sentences if is_vague(sentence)] == []
    # A release ahead of the queue leads to the page of its run.
    codes = {action.code for action in SHIPMENT_ACTIONS}
    assert codes - set(RESULTS) == {"release-ahead"}
