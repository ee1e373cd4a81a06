from ntp.strategy import TEMPLATES
from ntp.strategy.registry import SHIPPED


def test_a_new_strategy_is_live_at_once(ntp, workspace):
    made = ntp("create", "strategy", "mine", "--template", "maker", "--json")
    assert made.code == 0
    assert made.document["path"] == str(workspace.strategies / "mine.py")
    names = {row["name"]: row["origin"] for row in ntp("plugins", "list", "--json").document["plugins"]}
    assert names == {"mine": "workspace", **dict.fromkeys(SHIPPED, "shipped")}
    assert ntp("create", "strategy", "copied", "--from", made.document["path"]).code == 0


def test_a_strategy_tells_its_parameters(ntp):
    row = ntp("plugins", "info", "maker", "--json").document
    parameters = {each["name"]: each for each in row["parameters"]}
    assert parameters["half_spread"]["default"] == 0.02
    assert parameters["half_spread"]["x-unit"] == "dollars"
    shown = ntp("plugins", "info", "maker").out
    assert "half_spread" in shown
    assert "a float at least 0 and below 0.5" in shown


def test_a_broken_file_does_not_hide_the_others(ntp, workspace):
    (workspace.strategies / "broken.py").write_text("import nothing_like_this\n")
    rows = {row["name"]: row for row in ntp("plugins", "list", "--json").document["plugins"]}
    assert "nothing_like_this" in rows["broken"]["error"]
    assert "summary" in rows["maker"]
    assert ntp("plugins", "info", "broken").code == 4
    found = ntp("plugins", "doctor", "--json")
    assert (found.code, found.document["healthy"]) == (4, False)
    assert [row["name"] for row in found.document["plugins"] if not row["ok"]] == ["broken"]
    assert ntp("plugins", "doctor", "--kind", "source").code == 0


def test_misspelt_names_get_suggestions(ntp):
    assert ntp("plugins", "info", "makr", "--json").error["hint"] == "did you mean 'maker'?"
    assert ntp("plugins", "list", "--kind", "stratgy", "--json").error["hint"] == "did you mean 'strategy'?"
    template = ntp("create", "strategy", "x", "--template", "makr", "--json")
    assert (template.code, template.error["hint"]) == (3, "did you mean 'maker'?")


def test_the_help_names_every_template(ntp):
    shown = ntp("create", "strategy", "--help").out
    assert not [name for name in TEMPLATES if name not in shown]


def test_two_starts_are_one_too_many(ntp):
    found = ntp("create", "strategy", "x", "--template", "maker", "--from", "y.py", "--json")
    assert (found.code, found.error["code"]) == (2, "usage")


def test_a_class_without_a_docstring_has_no_summary(ntp, workspace):
    code = "from ntp import Strategy\n\n\nclass Bare(Strategy):\n    def analyze(self, data):\n        return None\n"
    (workspace.strategies / "bare.py").write_text(code)
    rows = {row["name"]: row for row in ntp("plugins", "list", "--json").document["plugins"]}
    assert rows["bare"]["summary"] == ""
    line = next(line for line in ntp("plugins", "list").out.splitlines() if line.startswith(" bare"))
    assert line.split()[-1] == "–"
    assert "bare 0\n" in ntp("plugins", "info", "bare").out
