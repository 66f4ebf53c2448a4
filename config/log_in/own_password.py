"""The form by which people change their own password."""

from allauth.core import context
from unfold.forms import AdminOwnPasswordChangeForm

from config.log_in import attempts
from config.log_in.password_limit import LimitedForm, Secret
from core.callers import caller_of
from core.models import SecurityEvent
from core.operations.failed_attempts import succeed


class OwnPasswordForm(LimitedForm, AdminOwnPasswordChangeForm):
    """Asks for the old password, not without limit: a session may be in other hands."""

    def clean_old_password(self) -> str:
        entered = Secret(caller_of(context.request), SecurityEvent.Kind.LOG_IN_FAILED)
        counters = [attempts.of_own_password(self.user.pk)]
        with self.limited(entered, counters, person_id=self.user.pk) as attempt:
            old = super().clean_old_password()
            succeed(attempt, user_id=self.user.pk)
        return old
