"""Settings: the environment wins, and whatever is not understood is refused."""

from pathlib import Path

import pytest

from registry.config import Config, ConfigError


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "hallmark.toml").write_text(
        'base = "https://a.example"\nsample = true\npassphrase_file = "secret"\n', "utf-8"
    )
    config = Config.for_folder(tmp_path, {"HALLMARK_BASE_URL": "https://b.example:8443"})
    assert config.base == "https://b.example:8443"
    assert config.sample is True
    assert config.passphrase_file == tmp_path / "secret"
    assert config.personal_passphrase_file is None


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('databse_url = "sqlite://"', "unknown setting databse_url"),
        ('sample = "false"', "sample has the wrong type"),
        ("base = 1", "base has the wrong type"),
        ('base = "https://certs.example/"', "base must be an origin"),
        ('base = "https://certs.example/path"', "base must be an origin"),
        ('base = "certs.example"', "base must be an origin"),
        ("base", "hallmark.toml"),
    ],
)
def test_what_is_not_understood_is_refused(tmp_path: Path, settings: str, said: str) -> None:
    (tmp_path / "hallmark.toml").write_text(settings + "\n", "utf-8")
    with pytest.raises(ConfigError, match=said):
        Config.for_folder(tmp_path)
