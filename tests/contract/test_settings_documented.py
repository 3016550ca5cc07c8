from pathlib import Path

from lea_service.settings import describe_settings

TOP = Path(__file__).parents[2]


def test_page_lists_exactly_the_settings_there_are():
    page = (TOP / "docs" / "settings.md").read_text()
    table = page.partition("## Of the service")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| `LEA_")]
    assert rows == [
        f"| `{name}` | {default} | {about} |" for name, default, about in describe_settings()
    ]
