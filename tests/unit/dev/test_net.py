"""The ports that a stack chooses."""

import socket
from pathlib import Path

import pytest

from dev.net import HOST, free_port, is_free

OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")
FIRST_OUTGOING = int(OUTGOING.read_text().split()[0]) if OUTGOING.exists() else 49_152


def test_each_port_is_another_and_free() -> None:
    ports = [free_port() for _ in range(200)]
    assert len(set(ports)) == len(ports)
    assert all(is_free(port) for port in ports)


def test_a_port_that_is_listened_on_is_passed_over() -> None:
    following = free_port() + 1
    with socket.create_server((HOST, following)):
        assert not is_free(following)
        assert free_port() != following


@pytest.mark.skipif(FIRST_OUTGOING < 32_768, reason="this machine was set to take lower ports than systems do")
def test_no_outgoing_connection_takes_it() -> None:
    assert all(free_port() < FIRST_OUTGOING for _ in range(200))
