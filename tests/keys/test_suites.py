"""Ed25519 against RFC 8032 and Wycheproof, and the identities of a public key."""

import json
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest

from keys.errors import PublicKeyError, SignatureError
from keys.signer import KeyPair, PublicKey
from keys.suites import ED25519, SUITES
from tests.keys.vectors import RFC8032, WYCHEPROOF

ORDER = 2**252 + 27742317777372353535851937790883648493
"""Order of the base point's group, RFC 8032 §5.1."""


@pytest.mark.parametrize(("seed", "public", "message", "signature"), RFC8032)
def test_rfc8032(seed: str, public: str, message: str, signature: str) -> None:
    pair = KeyPair.from_seed(bytes.fromhex(seed))
    assert pair.public.raw.hex() == public
    assert pair.sign(bytes.fromhex(message)).hex() == signature
    ED25519.verify(pair.public.raw, bytes.fromhex(message), bytes.fromhex(signature))


@pytest.mark.parametrize("path", sorted(WYCHEPROOF.glob("ed25519_test.json")), ids=lambda p: p.name)
def test_wycheproof(path) -> None:
    data = json.loads(path.read_text())
    agreed = 0
    for group in data["testGroups"]:
        public = bytes.fromhex(group["publicKey"]["pk"])
        for case in group["tests"]:
            message, signature = bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"])
            try:
                ED25519.verify(public, message, signature)
                result = "valid"
            except SignatureError:
                result = "invalid"
            assert result == case["result"], case["comment"]
            agreed += 1
    assert agreed == data["numberOfTests"] == 151


def test_the_length_of_a_secret_key_is_exact() -> None:
    _, secret = ED25519.derive(bytes(32))
    for other in (b"", secret[:32], secret[:-1], secret + b"\0"):
        with pytest.raises(ValueError, match="64 bytes"):
            ED25519.sign(other, b"message")


def test_threads_sign_each_its_own_message() -> None:
    pair = KeyPair.from_seed(bytes(32))
    messages = [number.to_bytes(2) * (number + 1) for number in range(400)]
    with ThreadPoolExecutor(8) as threads:
        signatures = list(threads.map(pair.sign, messages))
    assert signatures == [pair.sign(each) for each in messages]
    for message, signature in zip(messages, signatures, strict=True):
        ED25519.verify(pair.public.raw, message, signature)


def test_a_signature_has_no_second_form() -> None:
    _, public, message, signature = (bytes.fromhex(value) for value in RFC8032[2])
    scalar = int.from_bytes(signature[32:], "little") + ORDER
    second = signature[:32] + scalar.to_bytes(32, "little")
    with pytest.raises(SignatureError):
        ED25519.verify(public, message, second)


@pytest.mark.parametrize(
    "public",
    [
        "00" * 32,
        "01" + "00" * 31,
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    ],
)
def test_small_order_keys_verify_nothing(public: str) -> None:
    # With A of small order, R = identity and S = 0 would satisfy the equation for many messages.
    forged = bytes.fromhex("01" + "00" * 63)
    for message in range(64):
        with pytest.raises(SignatureError):
            ED25519.verify(bytes.fromhex(public), bytes([message]), forged)


@pytest.mark.parametrize("length", [0, 1, 63, 65, 128])
def test_the_length_of_a_signature_is_exact(length: int) -> None:
    pair = KeyPair.from_seed(bytes(32))
    # 65 bytes whose last belongs to the message would verify if lengths were not checked.
    message = b"message"
    joined = pair.sign(message) + message
    with pytest.raises(SignatureError):
        ED25519.verify(pair.public.raw, joined[length:], joined[:length])


def test_a_public_key_has_the_length_of_its_suite() -> None:
    with pytest.raises(PublicKeyError, match="32 bytes, not 31"):
        PublicKey(ED25519, bytes(31))
    with pytest.raises(ValueError, match="seed has 32"):
        KeyPair.from_seed(bytes(31))


def test_multibase_of_the_w3c_vectors_key() -> None:
    # W3C vc-di-eddsa TestVectors/keyPair.json, and the did:key in the specification's examples.
    text = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
    public = PublicKey.from_multibase(text)
    assert public.multibase == text
    assert public.suite is ED25519
    assert public.kid == sha256(public.raw).digest()[:4]
    assert public.fingerprint == sha256(public.raw).hexdigest()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "z",
        "u6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
        "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ0",  # 0 is not a base58 character
        "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ",
        # A secret key of the same vectors: another multicodec.
        "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq",
    ],
)
def test_not_a_public_key(text: str) -> None:
    with pytest.raises(PublicKeyError):
        PublicKey.from_multibase(text)


def test_a_key_pair_is_never_printed() -> None:
    seed = sha256(b"printed").digest()
    pair = KeyPair.generate(lambda size: seed[:size])
    shown = repr(pair) + str(pair) + format(pair)
    for secret in (seed, pair._secret):
        assert repr(secret) not in shown
        assert secret.hex() not in shown
    assert pair == KeyPair.from_seed(seed)


def test_suites_have_distinct_names() -> None:
    for names in (
        [suite.name for suite in SUITES],
        [suite.jose for suite in SUITES],
        [suite.multicodec for suite in SUITES],
        [alg for suite in SUITES for alg in suite.cose_accepted],
    ):
        assert len(names) == len(set(names))
    assert all(suite.cose in suite.cose_accepted for suite in SUITES)
