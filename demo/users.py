"""Makes a login for each role."""

from django.contrib.auth.models import Group, User

ROLES = {
    "merchant": "Merchant",
    "fulfillment": "Fulfillment",
    "operations": "Operations",
    "viewer": "Viewer",
}
ADMIN = "admin"


def make_users(*, password: str) -> list[str]:
    """Make the users that are missing, and return every demo user's name."""
    for name, role in ROLES.items():
        group, _ = Group.objects.get_or_create(name=role)
        if not User.objects.filter(username=name).exists():
            user = User.objects.create_user(
                name, f"{name}@example.com", password, first_name=role, is_staff=True
            )
            user.groups.add(group)
    if not User.objects.filter(username=ADMIN).exists():
        User.objects.create_superuser(ADMIN, "admin@example.com", password, first_name="Admin")
    return [ADMIN, *ROLES]


def logins() -> list[str]:
    """Return the names of the demo users that there are, the admin first."""
    names = [ADMIN, *ROLES]
    users = User.objects.filter(username__in=names, is_active=True, is_staff=True)
    return sorted(users.values_list("username", flat=True), key=names.index)
