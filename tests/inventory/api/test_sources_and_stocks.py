from datetime import date
from typing import Any

import pytest

from inventory.models import SalesChannel, Source, Stock, StockSource
from inventory.queries.salability_facts import context_of_stock
from tests.api import api_of_superuser, codes
from tests.factories.inventory import SalesChannelFactory, SourceFactory, StockFactory
from tests.factories.orders import OrderFactory
from tests.present import present

TODAY = date(2026, 3, 2)

pytestmark = pytest.mark.django_db

EAST = {
    "code": "east",
    "name": "East",
    "enabled": True,
    "description": "",
    "ships_to_home": True,
    "is_pickup_location": False,
    "contact_name": "",
    "email": "",
    "phone": "",
    "opening_hours": "",
    "street": "",
    "city": "",
    "region": "",
    "postcode": "11122",
    "country": "SE",
    "is_known_country": True,
    "latitude": "59.329323",
    "longitude": "18.068581",
    "lead_time_days": None,
    "work_days": ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"],
    "is_closed_on_holidays": False,
    "closed_days": [],
    "cut_off_time": None,
}
SHORT = {"code": "east", "name": "East", "postcode": "11122", "country": "SE"}


def test_a_source_is_made_read_and_changed() -> None:
    api = api_of_superuser()
    coordinates = {"latitude": "59.329323", "longitude": "18.068581"}

    assert api.post("sources/", SHORT | coordinates) == (201, EAST)
    assert api.get("sources/east/") == (200, EAST)
    assert api.patch("sources/east/", {"lead_time_days": 9})[1]["lead_time_days"] == 9
    assert api.patch("sources/east/", {"lead_time_days": None}) == (200, EAST)
    assert api.patch("sources/east/", {"enabled": False}) == (200, EAST | {"enabled": False})
    assert Source.objects.get(code="east").is_enabled is False
    calendar = {
        "work_days": ["MON", "FRI"],
        "is_closed_on_holidays": True,
        "closed_days": ["2026-12-24", "2026-12-31"],
        "cut_off_time": "14:30",
    }
    assert api.patch("sources/east/", calendar) == (200, EAST | {"enabled": False} | calendar)
    assert api.patch("sources/east/", {name: EAST[name] for name in calendar})[0] == 200
    status, page = api.get("sources/?enabled=false")
    assert (status, page["results"]) == (200, [EAST | {"enabled": False}])


@pytest.mark.parametrize(
    ("change", "status", "faults"),
    [
        ({"code": "a b"}, 422, [("/code", "INVALID")]),
        ({"code": "default"}, 422, [("/code", "UNIQUE")]),
        ({"country": "Atlantis"}, 422, [("/country", "INVALID")]),
        ({"latitude": "1.0"}, 422, [("", "INVALID")]),
        ({"latitude": "90.1", "longitude": "1"}, 400, [("/latitude", "OUT_OF_RANGE")]),
        ({"is_pickup_location": True}, 422, [("", "INVALID")]),
        ({"work_days": []}, 400, [("/work_days", "EMPTY")]),
        ({"work_days": ["MONDAY"]}, 400, [("/work_days/0", "INVALID_CHOICE")]),
        ({"closed_days": ["2026-13-01"]}, 400, [("/closed_days/0", "INVALID")]),
        ({"cut_off_time": "24:00"}, 400, [("/cut_off_time", "INVALID")]),
        ({"cut_off_time": 14}, 400, [("/cut_off_time", "INVALID")]),
        ({"enabled": "yes"}, 400, [("/enabled", "INVALID")]),
        ({"name": 5}, 400, [("/name", "INVALID")]),
        ({"name": "a\x00b"}, 400, [("/name", "CONTROL_CHARACTERS")]),
        ({"name": "\ud800"}, 400, [("/name", "CONTROL_CHARACTERS")]),
        ({"street_name": "x"}, 400, [("/street_name", "UNKNOWN")]),
        ({"email": "x"}, 400, [("/email", "INVALID")]),
    ],
)
def test_a_source_that_makes_no_sense_is_refused(
    change: dict[Any, Any], status: int, faults: list[tuple[str, str]]
) -> None:
    api = api_of_superuser()

    answer, body = api.post("sources/", SHORT | change)

    assert (answer, codes(body)) == (status, ("invalid", faults))
    assert list(Source.objects.values_list("code", flat=True)) == ["default"]


def test_the_holidays_of_what_is_no_country_are_not_known() -> None:
    api = api_of_superuser()
    SourceFactory(code="east", country="Atlantis")

    answer, body = api.patch("sources/east/", {"is_closed_on_holidays": True})

    assert (answer, codes(body)) == (422, ("invalid", [("/is_closed_on_holidays", "UNKNOWN")]))
    assert Source.objects.get(code="east").is_closed_on_holidays is False


def test_the_code_of_a_source_is_fixed_and_the_default_stays_enabled() -> None:
    api = api_of_superuser()
    SourceFactory(code="east")

    assert api.patch("sources/east/", {"code": "west"})[0] == 400
    assert api.patch("sources/default/", {"enabled": False})[0] == 422
    assert api.get("sources/nowhere/")[0] == 404
    assert api.get("sources/%00/")[0] == 404


def test_a_stock_is_made_with_its_sources_and_channels_and_changed() -> None:
    api = api_of_superuser()
    SourceFactory(code="east")
    SourceFactory(code="west")
    SalesChannelFactory(code="b2b", stock=StockFactory(code="other"))
    body = {
        "code": "shop",
        "name": "Shop",
        "sources": [{"source": "west", "priority": 9}, {"source": "east", "priority": 3}],
        "sales_channels": ["web", "b2b"],
    }

    made = {
        "code": "shop",
        "name": "Shop",
        "sources": [{"source": "east", "priority": 1}, {"source": "west", "priority": 2}],
        "sales_channels": ["b2b", "web"],
    }
    assert api.post("stocks/", body) == (201, made)
    assert SalesChannel.objects.get(code="b2b").stock.code == "shop"

    changed = made | {
        "name": "Shops",
        "sources": [{"source": "west", "priority": 1}],
        "sales_channels": ["web"],
    }
    body = {
        "name": "Shops",
        "sources": [{"source": "west", "priority": 1}],
        "sales_channels": ["web"],
    }
    assert api.patch("stocks/shop/", body) == (200, changed)
    assert SalesChannel.objects.get(code="b2b").stock.code == "default"
    assert api.get("stocks/shop/") == (200, changed)
    assert api.patch("stocks/shop/", {}) == (200, changed)


def test_sources_may_share_a_priority_and_come_by_code_point() -> None:
    api = api_of_superuser()
    for code in ("west", "a-1", "East"):
        SourceFactory(code=code)
    links = [("west", 5), ("a-1", 5), ("East", 5), ("default", 2)]
    body = {
        "code": "shop",
        "name": "Shop",
        "sources": [{"source": code, "priority": priority} for code, priority in links],
    }

    status, made = api.post("stocks/", body)

    assert status == 201
    assert made["sources"] == [
        {"source": "default", "priority": 1},
        {"source": "East", "priority": 2},
        {"source": "a-1", "priority": 2},
        {"source": "west", "priority": 2},
    ]
    sold_from = present(context_of_stock("shop", [], today=TODAY)).links
    assert [link.code for link in sold_from] == ["default", "East", "a-1", "west"]


def test_unknown_and_repeated_sources_of_a_stock_are_refused() -> None:
    api = api_of_superuser()
    SourceFactory(code="east")
    link = {"source": "east", "priority": 1}

    status, body = api.post(
        "stocks/", {"code": "shop", "name": "Shop", "sources": [link, link, link | {"source": "x"}]}
    )

    assert status == 422
    assert codes(body) == (
        "invalid",
        [
            ("/sources/2/source", "UNKNOWN_SOURCE"),
            ("/sources/1", "NAMED_TWICE"),
        ],
    )
    assert not Stock.objects.filter(code="shop").exists()


def test_a_stock_never_used_is_deleted_and_others_are_not() -> None:
    api = api_of_superuser()
    StockFactory(code="unused", sources=[SourceFactory()])
    SalesChannelFactory(stock=StockFactory(code="serving"))
    sold = StockFactory(code="sold")
    OrderFactory(stock=sold)

    assert api.delete("stocks/unused/") == (204, None)
    for code in ("serving", "sold", "default"):
        status, body = api.delete(f"stocks/{code}/")
        assert (status, codes(body)[0]) == (409, "stock-in-use")
    assert set(Stock.objects.values_list("code", flat=True)) >= {"serving", "sold", "default"}
    assert not StockSource.objects.filter(stock__code="unused").exists()


def test_a_channel_is_not_taken_from_the_default_stock() -> None:
    api = api_of_superuser()
    SalesChannelFactory(code="web", stock=Stock.objects.get(code="default"))

    status, body = api.patch("stocks/default/", {"sales_channels": []})

    assert (status, codes(body)[0]) == (409, "default-serves-the-rest")
    assert SalesChannel.objects.get(code="web").stock.code == "default"


def test_a_sales_channel_is_read_and_changed() -> None:
    api = api_of_superuser()
    SalesChannelFactory(code="us")
    StockFactory(code="west")
    us = {"code": "us", "name": "", "stock": "west", "delay_rule": "CONSENT"}

    assert api.patch("sales-channels/us/", {"stock": "west", "delay_rule": "CONSENT"}) == (200, us)
    assert api.get("sales-channels/us/") == (200, us)
    assert api.patch("sales-channels/us/", {"name": "United States"})[1]["delay_rule"] == "CONSENT"
    assert SalesChannel.objects.get(code="us").delay_rule == "CONSENT"


def test_a_sales_channel_keeps_what_is_refused() -> None:
    api = api_of_superuser()
    SalesChannelFactory(code="us")

    unknown = api.patch("sales-channels/us/", {"stock": "nowhere", "delay_rule": "OFF"})
    no_rule = api.patch("sales-channels/us/", {"delay_rule": "ASK"})
    assert (unknown[0], codes(unknown[1])) == (
        422,
        ("unknown-stock", [("/stock", "UNKNOWN_STOCK")]),
    )
    assert no_rule[0] == 400
    assert api.patch("sales-channels/us/", {"code": "eu"})[0] == 400
    assert SalesChannel.objects.get(code="us").delay_rule == "NOTIFY"
