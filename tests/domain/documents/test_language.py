"""The language of templates: what it says, and what it is not."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.documents.fields import DocumentKind, names_for
from domain.documents.language import LONGEST_TEXT, MOST_STEPS, TemplateProblem, TooLong, Values, fill, parse

NAMES = names_for(DocumentKind.PROPOSAL)
VALUES = Values(
    {"client.name": "Сталь", "client.need": "", "deal.title": "Трубы", "client.attributes.fleet": "40"},
    {"lines": [{"number": "1", "text": "Труба"}, {"number": "2", "text": "Муфта", "discount": "5"}]},
)


def filled(text: str, values: Values = VALUES) -> str:
    return fill(parse(text, NAMES), values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Plain { text }", "Plain { text }"),
        ("{{client.name}}, {{ client.name }}", "Сталь, Сталь"),
        ("[{{client.need}}]", "[]"),
        ("{{client.attributes.fleet}} {{client.attributes.other}}", "40 "),
        ("a{{! remark }}b", "ab"),
        ("{{#lines}}{{number}}:{{text}};{{/lines}}", "1:Труба;2:Муфта;"),
        ("{{#lines}}{{text}}{{#discount}} -{{discount}}%{{/discount}} {{/lines}}", "Труба Муфта -5% "),
        ("{{#lines}}{{client.name}} {{/lines}}", "Сталь Сталь "),
        ("{{#deal}}{{deal.title}}{{/deal}}{{^deal}}none{{/deal}}", "Трубы"),
        ("{{#person}}Dear {{person.name}}{{/person}}{{^person}}Hello{{/person}}", "Hello"),
        ("{{^lines}}none{{/lines}}", ""),
        ("{{#client.need}}x{{/client.need}}{{^client.need}}y{{/client.need}}", "y"),
    ],
)
def test_what_a_template_says(text: str, expected: str) -> None:
    assert filled(text) == expected


def test_a_list_that_is_empty() -> None:
    nothing = Values({}, {"lines": []})
    assert filled("{{#lines}}x{{/lines}}{{^lines}}none{{/lines}}", nothing) == "none"


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        ("a\n{{client.secret}}", 2, "unknown_name"),
        ("{{client.name.__class__}}", 1, "not_of_the_language"),
        ("{{client.__class__}}", 1, "not_of_the_language"),
        ("{{> /etc/passwd}}", 1, "not_of_the_language"),
        ("{{> partial}}", 1, "not_of_the_language"),
        ("{{{client.name}}}", 1, "not_of_the_language"),
        ("{{=<% %>=}}", 1, "not_of_the_language"),
        ("{{ client.name | upper }}", 1, "not_of_the_language"),
        ("{{ open('/etc/passwd').read() }}", 1, "not_of_the_language"),
        ("{% for i in range(10**9) %}x{% endfor %}", 1, "not_of_the_language"),
        ("{% include 'secret.txt' %}", 1, "not_of_the_language"),
        ("<% loop %>", 1, "not_of_the_language"),
        ("\n\n{{client.name", 3, "not_of_the_language"),
        ("client.name}}", 1, "not_of_the_language"),
        ("{{#lines}}\n{{#lines}}x{{/lines}}{{/lines}}", 2, "list_within_a_list"),
        ("{{#lines}}x", 1, "not_closed"),
        ("{{#lines}}x{{/deal}}", 1, "closes_nothing"),
        ("x{{/lines}}", 1, "closes_nothing"),
        ("{{number}}", 1, "unknown_name"),
        ("{{#loop}}x{{/loop}}", 1, "unknown_name"),
        ("{{#deal}}{{#client}}{{#sender}}{{#person}}x{{/person}}{{/sender}}{{/client}}{{/deal}}", 1, "too_deep"),
        ("{{questions}}", 1, "unknown_name"),
        ("{{}}", 1, "not_of_the_language"),
    ],
)
def test_what_is_not_of_the_language(text: str, line: int, rule: str) -> None:
    with pytest.raises(TemplateProblem) as raised:
        parse(text, NAMES)
    assert (raised.value.line, raised.value.rule) == (line, rule)


def test_only_questionnaires_have_questions() -> None:
    text = "{{#questions}}{{number}} {{text}}{{/questions}}"
    assert parse(text, names_for(DocumentKind.QUESTIONNAIRE))
    with pytest.raises(TemplateProblem):
        parse(text, NAMES)


def test_the_longest_template_with_the_most_lines_ends_at_once() -> None:
    text = "{{#lines}}" + "x" * 49_000 + "{{/lines}}"
    with pytest.raises(TooLong):
        filled(text, Values({}, {"lines": [{}] * 200}))
    assert LONGEST_TEXT < 49_000 * 200


@pytest.mark.parametrize(
    "body",
    ["{{#text}}{{/text}}" * 2_700, "{{^text}}{{/text}}" * 2_700, "{{number}}" * 4_800, "{{/lines}}{{#lines}}" * 2_400],
)
def test_parts_without_text_are_bounded_too(body: str) -> None:
    many = Values({f"client.attributes.a{n}": "x" for n in range(1_000)}, {"lines": [{"text": "x"}] * 200})
    with pytest.raises(TooLong) as raised:
        filled("{{#lines}}" + body + "{{/lines}}", many)
    assert raised.value.facts == {"most_steps": MOST_STEPS}


def test_every_beginning_of_a_name_is_a_group() -> None:
    deep = Values({"client.attributes.fleet": "40", "deal.title": ""})
    assert filled("{{#client}}c{{/client}}{{#client.attributes.fleet}}f{{/client.attributes.fleet}}", deep) == "cf"
    assert filled("{{#deal}}d{{/deal}}{{^client.attributes.other}}none{{/client.attributes.other}}", deep) == "none"


@pytest.mark.parametrize("text", ["{{" * 25_000, "{{ " * 16_000, "{{!" * 16_000, "{" * 50_000, "{{#deal}}" * 5_000])
def test_whatever_is_refused_is_refused_at_once(text: str) -> None:
    with pytest.raises(TemplateProblem):
        parse(text, NAMES)


def test_a_template_of_nothing_but_parts_is_read_at_once() -> None:
    text = "{{#deal}}{{/deal}}\n" * 2_600
    assert len(parse(text, NAMES).content) == 2 * 2_600


PIECES = st.sampled_from(
    ["{{#lines}}", "{{/lines}}", "{{^deal}}", "{{/deal}}", "{{number}}", "{{client.name}}", "{{", "}}", "x", "\n", "{%"]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=12))
def test_any_text_is_filled_or_refused(pieces: list[str]) -> None:
    text = "".join(pieces)
    parsed = None
    with suppress(TemplateProblem):
        parsed = parse(text, NAMES)
    assert parsed is None or "{{" not in fill(parsed, VALUES)
