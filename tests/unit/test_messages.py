"""Every text has its Chinese; the extraction that says so finds texts wherever they may stand."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from portal.i18n import Translations, gettext, ngettext, use
from tools import messages
from tools.messages import Fault


@pytest.fixture(scope="module")
def ids() -> dict[messages.Id, list[str]]:
    return messages.extracted()


@pytest.mark.parametrize("kind", ["missing", "fuzzy", "obsolete", "places"])
@pytest.mark.parametrize("locale", messages.LOCALES)
def test_catalogue_is_complete(ids: dict[messages.Id, list[str]], locale: str, kind: str) -> None:
    found = [str(fault) for fault in messages.faults(messages.read(locale), ids) if fault.kind == kind]
    assert not found, "run `python tools/messages.py update` and translate"


@pytest.mark.parametrize("locale", messages.LOCALES)
def test_catalogue_is_kept_sorted(locale: str) -> None:
    kept = messages.catalogue_path(locale).read_text(encoding="utf-8")
    assert kept == messages.written(messages.read(locale), locale)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A portal of five texts, one in each place where texts may stand."""
    for folder in ("portal/templates", "api", "codegen"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "portal/menu.yaml").write_text("- group: Content\n  items:\n  - resource: a\n    label: Stories\n")
    (tmp_path / "portal/a.py").write_text('_("Title")\nngettext("{n} row", "{n} rows", n)\n')
    (tmp_path / "portal/templates/a.html").write_text(
        "<p title=\"{{ _('Close') }}\">{% trans %}\n  Hello\n  you\n{% endtrans %}</p>"
    )
    return tmp_path


def test_texts_are_found_in_code_templates_and_menu(tree: Path) -> None:
    assert messages.extracted(tree) == {
        "Title": ["portal/a.py"],
        ("{n} row", "{n} rows"): ["portal/a.py"],
        "Close": ["portal/templates/a.html"],
        "Hello you": ["portal/templates/a.html"],
        "Stories": ["portal/menu.yaml"],
        "Content": ["portal/menu.yaml"],
    }


def catalogue(*entries: tuple[messages.Id, str | tuple[str, ...]]) -> Catalog:
    result = Catalog(locale="zh_CN", fuzzy=False)
    for id_, text in entries:
        result.add(id_, text)
    return result


def test_missing_empty_and_fuzzy_texts_are_faults() -> None:
    found = catalogue(("Empty", ""), ("Unsure", "x"))
    found["Unsure"].flags.add("fuzzy")
    faults = messages.faults(found, {"Missing": [], "Empty": [], "Unsure": []})
    assert faults == [Fault("missing", "Missing"), Fault("missing", "Empty"), Fault("fuzzy", "Unsure")]


def test_text_that_left_the_sources_is_obsolete() -> None:
    assert messages.faults(catalogue(("Gone", "x")), {}) == [Fault("obsolete", "Gone")]


@pytest.mark.parametrize(
    ("id_", "text"),
    [
        ("Hello {name}", "你好"),
        ("Hello", "你好 {name}"),
        ("Hello %(name)s", "你好 %(nmae)s"),
        (("{n} row", "{n} rows"), ("{m} 行",)),
    ],
)
def test_translation_that_names_other_places_is_a_fault(id_: messages.Id, text: str | tuple[str, ...]) -> None:
    assert [fault.kind for fault in messages.faults(catalogue((id_, text)), {id_: []})] == ["places"]


def test_update_keeps_translations_adds_new_texts_and_drops_gone_ones() -> None:
    result = messages.updated(catalogue(("Kept", "留"), ("Gone", "去")), {"New": [], "Kept": []})
    assert {message.id: message.string for message in result if message.id} == {"New": "", "Kept": "留"}


def test_text_that_got_a_plural_is_translated_again() -> None:
    id_ = ("{n} row", "{n} rows")
    assert messages.faults(catalogue(("{n} row", "{n} 行")), {id_: []}) == [Fault("missing", "{n} row")]


def test_written_catalogue_is_read_by_the_portal(tmp_path: Path) -> None:
    path = messages.catalogue_path("zh_CN", tmp_path)
    path.parent.mkdir(parents=True)
    found = catalogue(("Title", "标题"), (("{n} row", "{n} rows"), ("共 {n} 行",)))
    path.write_text(messages.written(found, "zh_CN"), encoding="utf-8")
    with use(Translations([tmp_path / "portal" / "locale"]).get("zh-CN")):
        assert gettext("Title") == "标题"
        assert ngettext("{n} row", "{n} rows", 1) == "共 1 行"
        assert ngettext("{n} row", "{n} rows", 5) == "共 5 行"
