"""Answers that are everybody's: kept by browsers and caches, sent again only when they have changed."""

import pytest

from portal.web.conditional import etag_of, public_answer

BODY = b'{"items": []}'


def test_an_answer_says_how_long_it_may_be_kept_and_what_it_is() -> None:
    answer = public_answer({}, BODY, max_age=60, stale_while_revalidate=600)
    assert (answer.status_code, answer.content) == (200, BODY)
    assert answer.headers["Cache-Control"] == "public, max-age=60, stale-while-revalidate=600"
    assert answer.headers["Vary"] == "Accept-Language"
    assert answer.headers["ETag"] == etag_of(BODY)
    assert not answer.cookies


@pytest.mark.parametrize("sent", ["{}", "W/{}", '"other", {}', "*", ' "a" ,W/{} '])
def test_whoever_has_it_is_told_so_with_the_same_headers(sent: str) -> None:
    asked = {"if-none-match": sent.format(etag_of(BODY))}
    answer = public_answer(asked, BODY, max_age=60)
    assert (answer.status_code, answer.content) == (304, b"")
    assert dict(answer.headers) == dict(public_answer({}, BODY, max_age=60).headers)


@pytest.mark.parametrize("sent", ["", '"other"', "W/", etag_of(b"{}")])
def test_whoever_has_another_one_gets_it(sent: str) -> None:
    assert public_answer({"if-none-match": sent}, BODY, max_age=60).status_code == 200


def test_what_depends_on_nothing_says_so() -> None:
    headers = public_answer({}, BODY, max_age=5, vary="").headers
    assert "Vary" not in headers and headers["Cache-Control"] == "public, max-age=5"
