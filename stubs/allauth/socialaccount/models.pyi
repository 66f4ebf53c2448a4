from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.models import User
from django.db.models import CharField, DateTimeField, ForeignKey, JSONField, Manager, Model

class SocialApp(Model):
    objects: ClassVar[Manager[SocialApp]]
    provider_id: str
    def __init__(
        self,
        *,
        provider: str,
        provider_id: str,
        name: str,
        client_id: str,
        secret: str,
        settings: dict[str, Any],
    ) -> None: ...

class SocialAccount(Model):
    objects: ClassVar[Manager[SocialAccount]]
    user: ForeignKey[User, User]
    provider: CharField[str, str]
    uid: CharField[str, str]
    extra_data: JSONField[Any, Any]
    date_joined: DateTimeField[datetime, datetime]

class SocialToken(Model):
    objects: ClassVar[Manager[SocialToken]]
