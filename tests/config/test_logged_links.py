from config.logs import hide_tokens


def test_logs_have_no_token_of_a_customer() -> None:
    event = {"request": "GET /order/3B.1vPzAc.Kx-_9/?language=sv", "event": "request_started"}

    assert hide_tokens(None, "info", event) == {
        "request": "GET /order/…/?language=sv",
        "event": "request_started",
    }
    for page in ("confirm", "unsubscribe"):
        asked = {"request": f"POST /back-in-stock/{page}/12.rZhs_V5-w/"}
        assert hide_tokens(None, "info", asked) == {"request": f"POST /back-in-stock/{page}/…/"}


def test_other_addresses_are_logged_whole() -> None:
    event = {"request": "GET /admin/orders/order/12/change/", "count": 3}

    assert hide_tokens(None, "info", event) == {
        "request": "GET /admin/orders/order/12/change/",
        "count": 3,
    }


def test_logs_have_no_link_of_a_new_password() -> None:
    token = "MQ/d9ttie-4f0c6a1d0c3b1ce1f3a5b1f0c1ce1f3a"  # noqa: S105 - a test's.
    event = {"request": f"GET /admin/login/new-password/{token}/"}

    assert hide_tokens(None, "info", event) == {"request": "GET /admin/login/new-password/…/"}
