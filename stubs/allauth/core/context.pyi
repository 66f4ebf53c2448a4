from django.http import HttpRequest

request: HttpRequest
