from django.http import HttpRequest

class DefaultAccountAdapter:
    def is_open_for_signup(self, request: HttpRequest) -> bool: ...
    def get_client_ip(self, request: HttpRequest) -> str: ...
    def is_reauthentication_required(self, *, app: str) -> bool: ...
    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = ...,
        message_context: dict[str, object] | None = ...,
        extra_tags: str = ...,
        message: str | None = ...,
    ) -> None: ...

def get_adapter(request: HttpRequest | None = ...) -> DefaultAccountAdapter: ...
