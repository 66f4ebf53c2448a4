"""Ports of local services: random, remembered, another once somebody else took one."""

import socket
from pathlib import Path

HOST = "127.0.0.1"


def free_port() -> int:
    """Return a port that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def is_taken(port: int) -> bool:
    """Whether something listens on ``port``."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def answers(port: int) -> bool:
    """Whether something accepts connections on ``port``; does not disturb who wants to bind it."""
    try:
        with socket.create_connection((HOST, port), timeout=1):
            return True
    except OSError:
        return False


def remembered_port(file: Path) -> int | None:
    """Return the port kept in ``file``, if there is a usable one."""
    try:
        return int(file.read_text())
    except (FileNotFoundError, ValueError):
        return None


def claim_port(file: Path) -> int:
    """Return the remembered port if it is free, else a new one, remembered from now on."""
    port = remembered_port(file)
    if port is None or is_taken(port):
        port = free_port()
        file.write_text(str(port))
    return port
