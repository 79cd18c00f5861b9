"""Who is served: this machine alone, pages of its own origin alone."""

import socket
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from click.testing import CliRunner
from stepcurve.cli import main


def get(url):
    with urlopen(url, timeout=60) as answer:
        return answer.read().decode()


def token(page):
    """Of the session that the page would open."""
    import re

    return re.search(r'"token":"([^"]+)"', page)[1]


def upgrade(address, origin, page):
    """The status of the answer to a request for the page's websocket."""
    at = urlsplit(address)
    lines = [
        "GET /ws HTTP/1.1",
        f"Host: {at.netloc}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Protocol: bokeh, {token(page)}",
        f"Origin: {origin}",
    ]
    with socket.create_connection((at.hostname, at.port), timeout=60) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return int(connection.recv(4096).split()[1])


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:{port}", 101),
        ("http://localhost:{port}", 101),
        ("http://127.0.0.1:1", 403),
        ("http://evil.example", 403),
        ("http://evil.example:{port}", 403),
        ("null", 403),
    ],
)
def test_the_websocket_is_for_the_pages_own_origin(address, origin, status):
    page = get(address)
    assert upgrade(address, origin.format(port=urlsplit(address).port), page) == status


def test_it_listens_on_this_machine_alone(address):
    """By the kernel's table of sockets, where there is one."""
    port = f":{urlsplit(address).port:04X}"
    listening = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table) as rows:  # noqa: PTH123
                cells = [row.split() for row in rows]
        except OSError:
            pytest.skip(f"no {table} here")
        listening += [cell[1] for cell in cells if cell[3] == "0A" and cell[1].endswith(port)]
    assert listening == ["0100007F" + port]


def test_the_page_asks_for_nothing_from_elsewhere(address):
    page = get(address)
    assert "cdn" not in page
    assert not [part for part in page.split('"') if part.startswith(("http:", "https:", "//"))]


HOSTILE = [
    "steps=1e12",
    "seeds=1000000",
    "s=expression:" + "(" * 1_000,
    "s=expression:__import__('os')",
    "s=expression:%3Cscript%3Ealert(1)%3C/script%3E",
    "s=%00%ff%fe&steps=%f0",
    "s=plateau:measured=1e9",
    "s=" + "x" * 30_000,
    "&".join(["s=constant:"] * 500),
    "picked=5&shown=1023",
    "bokeh-session-id=x",
]


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_addresses_get_a_page(address, query):
    page = get(f"{address}?{query}")
    assert "<script>alert" not in page
    assert "stepcurve explore" in page


def test_the_table_is_served(address):
    lines = get(f"{address}table.csv?s=constant:lr=0.25&steps=4").splitlines()
    assert lines == ["step,A", "0,0.25", "1,0.25", "2,0.25", "3,0.25"]
    with pytest.raises(HTTPError) as refused:
        get(f"{address}table.csv?steps=1e12")
    with refused.value as answer:
        assert answer.code == 400
        assert answer.read().decode() == "steps must be a whole number from 1 to 1e+06, got 1e12\n"


def test_a_port_that_is_taken_is_told(address):
    result = CliRunner().invoke(main, ["explore", "--no-browser", "--port", str(urlsplit(address).port)])
    assert result.exit_code == 1
    assert "cannot listen on port" in result.output
    assert "Address already in use" in result.output


def test_a_missing_extra_is_told(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "bokeh.application", None)
    result = CliRunner().invoke(main, ["explore", "--no-browser"])
    assert result.exit_code == 1
    assert "pip install 'stepcurve[explore]'" in result.output
