from datetime import datetime
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, User
from django.db import models

class UserSessionManager(models.Manager[UserSession]):
    def purge_and_list(self, user: AbstractBaseUser | AnonymousUser) -> list[UserSession]: ...

class UserSession(models.Model):
    objects: ClassVar[UserSessionManager]
    user: models.ForeignKey[User, User]
    created_at: models.DateTimeField[datetime, datetime]
    ip: models.GenericIPAddressField[str, str]
    last_seen_at: models.DateTimeField[datetime, datetime]
    session_key: models.CharField[str, str]
    user_agent: models.CharField[str, str]
    data: models.JSONField[dict[str, object], dict[str, object]]
