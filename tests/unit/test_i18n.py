"""Texts are translated when they are shown, in the language that is active then."""

import asyncio
from pathlib import Path

import pytest

from portal.i18n import LANGUAGES, Catalogue, Text, Translations, _, gettext, ngettext, use

CHINESE = Catalogue("zh-CN", {"Title": ("标题",), "Hello {name}": ("你好，{name}",), "{n} row": ("{n} 行",)})


def test_text_is_translated_when_shown_not_when_made() -> None:
    title = _("Title")
    assert str(title) == "Title"
    with use(CHINESE):
        assert str(title) == "标题"
    assert str(title) == "Title"


def test_places_of_a_lazy_text_are_filled_when_shown() -> None:
    hello = _("Hello {name}").format(name="Mia")
    assert str(hello) == "Hello Mia"
    with use(CHINESE):
        assert str(hello) == "你好，Mia"


def test_lazy_text_within_a_lazy_text_is_translated_too() -> None:
    hello = _("Hello {name}").format(name=_("Title"))
    with use(CHINESE):
        assert str(hello) == "你好，标题"


def test_places_may_be_filled_in_steps() -> None:
    assert str(_("{a} and {b}").format(a=1).format(b=2)) == "1 and 2"


def test_braces_of_a_text_without_values_stay() -> None:
    assert str(_("Use {curly} braces")) == "Use {curly} braces"


def test_texts_are_equal_by_what_they_say() -> None:
    assert _("Title") == Text("Title")
    assert hash(_("Title")) == hash(Text("Title"))
    assert _("Title") != _("Hello {name}")
    assert _("Hello {name}").format(name="a") != _("Hello {name}").format(name="b")


def test_text_in_another_tongue_falls_back_to_english() -> None:
    with use(CHINESE):
        assert gettext("Unheard of") == "Unheard of"
        assert ngettext("{n} cup", "{n} cups", 2) == "2 cups"


@pytest.mark.parametrize(("count", "text"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows")])
def test_english_has_two_forms(count: int, text: str) -> None:
    assert ngettext("{n} row", "{n} rows", count) == text


@pytest.mark.parametrize("count", [0, 1, 2])
def test_chinese_has_one_form(count: int) -> None:
    with use(CHINESE):
        assert ngettext("{n} row", "{n} rows", count) == f"{count} 行"


def test_language_is_that_of_the_task() -> None:
    async def show(catalogue: Catalogue) -> str:
        with use(catalogue):
            await asyncio.sleep(0)
            return gettext("Title")

    async def both() -> list[str]:
        return list(await asyncio.gather(show(CHINESE), show(Catalogue())))

    assert asyncio.run(both()) == ["标题", "Title"]


@pytest.mark.parametrize("language", [*LANGUAGES, "de", ""])
def test_every_language_has_a_catalogue(language: str) -> None:
    expected = language if language in LANGUAGES else "en"
    assert Translations().get(language).language == expected


def write(folder: Path, body: str) -> Path:
    path = folder / "zh_CN" / "LC_MESSAGES" / "portal.po"
    path.parent.mkdir(parents=True)
    path.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n' + body, encoding="utf-8")
    return folder


def test_later_folder_wins_text_by_text(tmp_path: Path) -> None:
    shipped = write(tmp_path / "a", 'msgid "Save"\nmsgstr "保存"\n\nmsgid "Back"\nmsgstr "返回"\n')
    project = write(tmp_path / "b", 'msgid "Save"\nmsgstr "存盘"\n\nmsgid "Own"\nmsgstr "自己"\n')
    with use(Translations([shipped, project]).get("zh-CN")):
        assert [gettext(text) for text in ("Save", "Back", "Own")] == ["存盘", "返回", "自己"]


def test_empty_and_unsure_translations_are_not_shown(tmp_path: Path) -> None:
    folder = write(tmp_path, 'msgid "Save"\nmsgstr ""\n\n#, fuzzy\nmsgid "Back"\nmsgstr "返回"\n')
    with use(Translations([folder]).get("zh-CN")):
        assert [gettext(text) for text in ("Save", "Back")] == ["Save", "Back"]


def test_folder_without_catalogues_is_no_mistake(tmp_path: Path) -> None:
    assert Translations([tmp_path]).get("zh-CN").messages == {}
