"""The history of people: users, groups, what ties them together.

The tables are Django's; a proxy of each keeps its history here. A password is never kept, and
when somebody last signed in is no change of the user.
"""

from typing import Any

from django.contrib.auth.models import Group, User
from django.utils.translation import gettext_lazy as _

from core.models.api_key import ApiKey
from core.models.history import keep_history

# Tables between two others have no class of a name of their own.
Membership: Any = User.groups.through
UserPermission: Any = User.user_permissions.through
GroupPermission: Any = Group.permissions.through


class TrackedUser(User):
    class Meta:
        proxy = True
        verbose_name = _("user")
        default_permissions = ()


class TrackedGroup(Group):
    class Meta:
        proxy = True
        verbose_name = _("group")
        default_permissions = ()


class TrackedMembership(Membership):  # type: ignore[misc]
    class Meta:
        proxy = True
        verbose_name = _("group of a user")
        default_permissions = ()


class TrackedUserPermission(UserPermission):  # type: ignore[misc]
    class Meta:
        proxy = True
        verbose_name = _("permission of a user")
        default_permissions = ()


class TrackedGroupPermission(GroupPermission):  # type: ignore[misc]
    class Meta:
        proxy = True
        verbose_name = _("permission of a group")
        default_permissions = ()


keep_history(TrackedUser, left_out=["password", "last_login"], by_row=True)
keep_history(TrackedGroup)
keep_history(TrackedMembership)
keep_history(TrackedUserPermission)
keep_history(TrackedGroupPermission)
keep_history(ApiKey, left_out=["digest", "last_used_at", "last_address"], by_row=True)
