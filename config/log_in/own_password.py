"""The form by which people change their own password."""

from unfold.forms import AdminOwnPasswordChangeForm

from config.log_in import attempts
from config.log_in.password_limit import LimitedForm
from core.operations.failed_attempts import succeed


class OwnPasswordForm(LimitedForm, AdminOwnPasswordChangeForm):
    """Asks for the old password, not without limit: a session may be in other hands."""

    def clean_old_password(self) -> str:
        attempt = self.begin([attempts.of_own_password(self.user.pk)])
        old = super().clean_old_password()
        succeed(attempt, user_id=self.user.pk)
        return old
