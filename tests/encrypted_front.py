"""A front that ends TLS before a service without it, as a managed database or broker has one."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.certificates import Certificate

# How a PostgreSQL client asks whether it may encrypt.
ENCRYPTION_REQUEST = bytes.fromhex("0000000804d2162f")


@contextmanager
def encrypted_front(port: int, certificate: Certificate) -> Iterator[int]:
    """Yield a port at which the service of ``port`` on this machine is reached by TLS alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.file, certificate.key)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, port, context), daemon=True).start()
        yield listener.getsockname()[1]


def _accept(listener: socket.socket, port: int, context: ssl.SSLContext) -> None:
    with suppress(OSError):
        while True:
            client, _address = listener.accept()
            threading.Thread(target=_serve, args=(client, port, context), daemon=True).start()


def _serve(client: socket.socket, port: int, context: ssl.SSLContext) -> None:
    with suppress(OSError), client:
        if client.recv(8, socket.MSG_PEEK) == ENCRYPTION_REQUEST:
            client.recv(8)
            client.sendall(b"S")
        with (
            context.wrap_socket(client, server_side=True) as encrypted,
            socket.create_connection(("127.0.0.1", port)) as service,
        ):
            back = threading.Thread(target=_pass_on, args=(service, encrypted), daemon=True)
            back.start()
            _pass_on(encrypted, service)
            back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    """Hand on what ``source`` says, until it has no more to say."""
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
