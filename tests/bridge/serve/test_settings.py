from pathlib import Path

import pytest

from streamsep.errors import ParameterError
from streamsep_bridge import ServeSettings
from streamsep_bridge.serve.settings import is_own


@pytest.mark.parametrize(
    ("values", "remedy"),
    [
        ({"listen": "0.0.0.0"}, "--tokens"),
        ({"listen": "192.168.1.2"}, "--tokens"),
        ({"listen": "::"}, "--tokens"),
        ({"tls_cert": Path("a.pem")}, "both"),
        ({"port": 70000}, "0 to 65535"),
        ({"max_streams": 0}, "at least 1"),
        ({"max_speed": 0.5}, "at least 1"),
        ({"max_speed": float("nan")}, "at least 1"),
        ({"idle_s": 0.0}, "above 0"),
        ({"max_message_bytes": 10}, "within 1024"),
    ],
)
def test_what_cannot_be_is_refused_with_a_remedy(values, remedy):
    with pytest.raises(ParameterError, match=remedy):
        ServeSettings(**values)


def test_others_are_let_in_with_tokens_only():
    assert ServeSettings(listen="0.0.0.0", tokens=Path("tokens")).scheme == "http"
    assert [is_own(one) for one in ("127.0.0.2", "::1", "localhost", "10.0.0.1", "name")] == [
        True,
        True,
        True,
        False,
        False,
    ]
