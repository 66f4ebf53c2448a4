"""What a user may do, by the permissions on Django's models that the roles are made of."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request


class HasModelPermission(BasePermission):
    """Asks for the permission that the endpoint names for the method.

    A method without one is not allowed at all, which its endpoint answers.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return False
        wanted = view.required_permissions.get(request.method)
        return wanted is None or request.user.has_perm(wanted)
