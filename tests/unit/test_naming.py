"""Names made from names."""

import pytest

from portal.naming import did_you_mean, humanize, nearest, plural, snake


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ArticleTag", "article_tag"),
        ("Article", "article"),
        ("HTTPServer", "http_server"),
        ("APIKey", "api_key"),
        ("Address2Line", "address2_line"),
        ("article_tag", "article_tag"),
        ("", ""),
    ],
)
def test_snake(name: str, expected: str) -> None:
    assert snake(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("publish_time", "Publish time"),
        ("category_id", "Category"),
        ("ArticleTag", "Article tag"),
        ("id", "Id"),
        ("_sentinel", "Sentinel"),
        ("", ""),
    ],
)
def test_humanize(name: str, expected: str) -> None:
    assert humanize(name) == expected


@pytest.mark.parametrize(
    ("noun", "expected"),
    [
        ("article", "articles"),
        ("category", "categories"),
        ("day", "days"),
        ("box", "boxes"),
        ("address", "addresses"),
        ("branch", "branches"),
        ("dish", "dishes"),
    ],
)
def test_plural(noun: str, expected: str) -> None:
    assert plural(noun) == expected


def test_nearest_finds_a_mistyped_name() -> None:
    assert nearest("titel", ["title", "slug"]) == "title"


@pytest.mark.parametrize("names", [[], ["slug", "views"]])
def test_nearest_is_silent_when_nothing_is_similar(names: list[str]) -> None:
    assert nearest("titel", names) is None


def test_hint_is_a_sentence_or_nothing() -> None:
    assert did_you_mean("titel", ["title"]) == 'Did you mean "title"?'
    assert did_you_mean("titel", ["views"]) is None


def test_names_may_come_from_any_iterable() -> None:
    assert nearest("titel", (name for name in ("title", "slug"))) == "title"
