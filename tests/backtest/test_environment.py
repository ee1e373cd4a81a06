import ntp
from ntp.backtest.environment import environment


def test_code_is_our_own_and_not_what_compiling_leaves_beside_it(tmp_path, monkeypatch):
    (tmp_path / "engine" / "__pycache__" / "kernel").mkdir(parents=True)
    (tmp_path / "engine" / "kernel.py").write_text("one = 1\n")
    monkeypatch.setattr(ntp, "__file__", str(tmp_path / "__init__.py"))

    def code():
        environment.cache_clear()
        return environment()["code"]

    try:
        before = code()
        (tmp_path / "engine" / "__pycache__" / "kernel" / "strategy_1.py").write_text("two = 2\n")
        assert code() == before
        (tmp_path / "engine" / "kernel.py").write_text("one = 2\n")
        assert code() != before
    finally:
        environment.cache_clear()
