"""Files to start from."""

import subprocess
import sys

import pytest

from ntp.core import ConfigError, NotFound
from ntp.strategy import TEMPLATES, Strategy, create_strategy_file, load_file, parameters_of, templates
from ntp.strategy.create import FORMS
from ntp.strategy.signals import apply_analysis

from .fake_runtime import HOME, bound


@pytest.mark.parametrize("template", FORMS)
def test_a_new_file_runs_as_it_is(template, tmp_path):
    path = create_strategy_file("my_first", template=template, folder=tmp_path / "strategies")
    loaded = load_file(path)
    assert loaded.cls.__name__ == "MyFirst"
    strategy = loaded.make()
    runtime = bound(strategy)
    view = runtime.view(HOME)
    view.state = loaded.declaration.state() if loaded.declaration.state else None
    for name in sorted(loaded.declaration.callbacks & {"analyze", "on_quote"}):
        for bid in (0.30, 0.40):
            view.bid = bid
            apply_analysis(strategy, view, getattr(strategy, name)(view))
    assert runtime.calls
    assert "my_first" in path.read_text().splitlines()[0]


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_new_file_is_tidy(template, tmp_path):
    path = create_strategy_file("tidy", template=template, folder=tmp_path)
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--line-length", "120", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert all(len(line) <= 120 for line in path.read_text().splitlines())


def test_nothing_is_overwritten(tmp_path):
    path = create_strategy_file("mine", folder=tmp_path)
    path.write_text("precious")
    with pytest.raises(ConfigError) as caught:
        create_strategy_file("mine", folder=tmp_path)
    assert caught.value.code == "file_exists"
    assert path.read_text() == "precious"


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("MyMaker", "'my_maker'"), ("my-maker", "'my_maker'"), ("2fast", "'my_2fast'"),
        ("class", "'my_class'"), ("../evil", "'evil'"), ("", "'my_'"), ("a b", "'a_b'"),
    ],
)
def test_names_must_be_names(name, better, tmp_path):
    with pytest.raises(ConfigError) as caught:
        create_strategy_file(name, folder=tmp_path)
    assert caught.value.code == "bad_name"
    assert better in caught.value.hint
    assert not list(tmp_path.iterdir())


def test_shipped_names_are_taken(tmp_path):
    with pytest.raises(ConfigError) as caught:
        create_strategy_file("maker", folder=tmp_path)
    assert caught.value.code == "name_taken"


def test_templates_that_do_not_exist(tmp_path):
    with pytest.raises(NotFound) as caught:
        create_strategy_file("mine", template="makr", folder=tmp_path)
    assert "'maker'" in caught.value.hint
    assert "blank, signal, pairs_trading, momentum" in caught.value.message


@pytest.mark.parametrize("template", templates)
def test_a_template_becomes_a_file_of_its_own(template, tmp_path):
    path = create_strategy_file("my_idea", template=template, folder=tmp_path)
    loaded, text = load_file(path), path.read_text()
    assert loaded.cls.__name__ == "MyIdea"
    assert loaded.cls.__mro__[1] is Strategy
    assert text.startswith('"""my_idea: ')
    assert "Try it:   ntp backtest my_idea --data sample" in text
    assert "Template" not in text
    assert "ntp." not in text
    own = set(parameters_of(loaded.cls)) - set(parameters_of(Strategy)) | set(vars(loaded.cls)["_parameters"])
    assert all(parameters_of(loaded.cls)[name].help for name in own)
    assert parameters_of(loaded.cls) == parameters_of(templates[template])


def test_a_file_can_start_from_another(tmp_path):
    source = create_strategy_file("first", template="signal", folder=tmp_path)
    copy = create_strategy_file("second", folder=tmp_path, source=source)
    assert copy.read_text() == source.read_text()
    with pytest.raises(NotFound):
        create_strategy_file("third", folder=tmp_path, source=tmp_path / "missing.py")
    (tmp_path / "empty.py").write_text("x = 1\n")
    with pytest.raises(ConfigError):
        create_strategy_file("third", folder=tmp_path, source=tmp_path / "empty.py")
    assert not (tmp_path / "third.py").exists()
