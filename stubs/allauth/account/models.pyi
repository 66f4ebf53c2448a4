from typing import ClassVar

from allauth.account.managers import EmailAddressManager
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Model

class EmailAddress(Model):
    objects: ClassVar[EmailAddressManager]

class Login:
    def __init__(self, user: AbstractBaseUser, *, redirect_url: str | None = ...) -> None: ...
