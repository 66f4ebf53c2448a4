"""Takes the code of an app once, by the half minute that it belongs to.

The last one is kept with the app in the database: a code works once also while the cache is away.
"""

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt
from django.db.models import F, JSONField, Q, Value
from django.db.models.expressions import CombinedExpression

# Where the data of an app keeps the half minute of the last code that was taken.
KEY = "last_time_step"


def take_code(app: Authenticator, code: str) -> bool:
    """Note the half minute of a right code; return whether it is later than those before.

    Of two that bring the same code at once, one gets True.
    """
    secret = decrypt(str(app.data["secret"]))
    for step in yield_hotp_counters_from_time():
        expected = format_hotp_value(hotp_value(secret, step))
        if compare_user_code(actual=code, expected=expected) and _note(app.pk, step):
            return True
    return False


def _note(app_id: int, step: int) -> bool:
    earlier = Q(**{f"data__{KEY}__isnull": True}) | Q(**{f"data__{KEY}__lt": step})
    noted = Value({KEY: step}, output_field=JSONField())
    return bool(
        Authenticator.objects.filter(earlier, pk=app_id).update(
            data=CombinedExpression(F("data"), "||", noted, output_field=JSONField())
        )
    )
