"""Tables of a page: escaped, named for who cannot see them, and not headed twice."""

from ntp.backtest.pages import html_table


def test_a_table_is_captioned_unless_its_section_says_the_same():
    shown = html_table("By <event>", ["event", "P&L"], [["a<b", "1"]], note="not & all")
    assert "<caption>By &lt;event&gt;</caption>" in shown
    assert '<th scope="row">a&lt;b</th><td>1</td>' in shown
    assert shown.endswith('<p class="note">not &amp; all</p>')
    headed = html_table("By <event>", ["event", "P&L"], [["a<b", "1"]], captioned=False)
    assert "<caption>" not in headed
    assert 'aria-label="By &lt;event&gt;"' in headed
