"""The address of a screen works once, for this machine's own names and pages, and the key is what it gives."""

from __future__ import annotations

from sandbox.screens.gate import PREFIX, Gate


def token_of(gate: Gate) -> str:
    return gate.address.partition("#")[2]


def test_the_secrets_have_128_bits_and_differ() -> None:
    gates = [Gate(8080) for _ in range(50)]
    tokens = {token_of(gate) for gate in gates}
    assert len(tokens | {gate.take(token_of(gate)) for gate in gates}) == 100
    assert {len(token) for token in tokens} == {22}  # 22 letters of base64 hold 132 bits


def test_the_token_gives_the_key_until_somebody_has_connected() -> None:
    gate = Gate(8080)
    assert gate.take("") is gate.take("A" * 22) is gate.take("\xe9") is None
    key = gate.take(token_of(gate))
    assert gate.take(token_of(gate)) == key  # a browser may have lost the first answer
    gate.close()
    assert gate.take(token_of(gate)) is None
    assert gate.subprotocol(f"chat, {PREFIX}{key}") == f"{PREFIX}{key}"


def test_no_other_subprotocol_opens_it() -> None:
    gate = Gate(8080)
    key = gate.take(token_of(gate))
    for offered in ("", "key.", f"{key}", f"{PREFIX}{token_of(gate)}", f"{PREFIX}{key}x", f"{PREFIX}{key}"[:-1]):
        assert gate.subprotocol(offered) is None


def test_only_this_machines_names_with_the_port_are_hosts_and_origins() -> None:
    gate = Gate(8080)
    assert gate.is_host("127.0.0.1:8080")
    assert gate.is_host("localhost:8080")
    for host in ("", "127.0.0.1", "127.0.0.1:80", "evil.example:8080", "127.0.0.1.evil.example:8080", "[::1]:8080"):
        assert not gate.is_host(host)
    assert gate.is_origin("http://127.0.0.1:8080", "127.0.0.1:8080")
    for origin in ("", "null", "http://localhost:8080", "https://127.0.0.1:8080", "http://127.0.0.1:8081"):
        assert not gate.is_origin(origin, "127.0.0.1:8080")
