"""The templates of the made-up firm: a proposal, a reminder and a questionnaire, in Russian."""

from collections.abc import Iterator
from datetime import timedelta

from app.demo.entry import Entry, named
from app.execute import TEMPLATE
from domain.documents.content import CardField, Question, TemplateVersion
from domain.documents.fields import DocumentKind
from domain.documents.template import CreateTemplate, PublishTemplate

_PROPOSAL = """# Коммерческое предложение № {{proposal.number}}

---

{{#person}}Здравствуйте, {{person.name}}!

{{/person}}Предлагаем {{client.name}}:

| № | Наименование | Количество | Цена | Сумма, {{proposal.currency}} |
{{#lines}}| {{number}} | {{text}} | {{quantity}} {{unit}} | {{price}} | {{amount}} |
{{/lines}}

{{#proposal.discount}}Скидка {{proposal.discount}} %: вы экономите {{proposal.saved}} {{proposal.currency}}.

{{/proposal.discount}}## Итого {{proposal.total}} {{proposal.currency}}

- Предложение действует до {{proposal.valid_until}}
{{#proposal.terms}}- {{proposal.terms}}
{{/proposal.terms}}
С уважением, {{sender.name}}
"""
_REMINDER = """{{today}}

{{#person}}Здравствуйте, {{person.name}}!

{{/person}}Напоминаем о нашем разговоре{{#deal.title}} о сделке «{{deal.title}}»{{/deal.title}}.
Будем рады ответить на вопросы.

С уважением, {{sender.name}}
"""
_QUESTIONS = (
    Question(key="industry", text="Чем занимается ваше предприятие?", field=CardField.INDUSTRY),
    Question(key="interval", text="Как часто вы покупаете?", field=CardField.PURCHASE_INTERVAL),
    Question(key="wishes", text="Что для вас важно в поставщике?", field=CardField.PREFERENCES),
)
PROPOSAL, REMINDER, QUESTIONNAIRE = (
    named(f"template of a {kind}") for kind in ("proposal", "reminder", "questionnaire")
)
_TITLE = "КП № {{proposal.number}}"
_NEXT_STEP = "Позвоним вам в течение двух дней.\n\nС уважением"


def papers(span: timedelta) -> Iterator[Entry]:
    """The templates, in order; the proposal says after half the firm's time what comes next."""
    yield Entry(TEMPLATE, PROPOSAL, _template("КП", DocumentKind.PROPOSAL, _TITLE, _PROPOSAL))
    better = TemplateVersion(title=_TITLE, body=_PROPOSAL.replace("С уважением", _NEXT_STEP))
    yield Entry(TEMPLATE, PROPOSAL, PublishTemplate(content=better, note="Says what comes next"), span / 2)
    yield Entry(TEMPLATE, REMINDER, _template("Напоминание", DocumentKind.REMINDER_LETTER, "Напоминание", _REMINDER))
    asked = TemplateVersion(
        title="Анкета для {{client.name}}",
        body="# Несколько вопросов\n\n{{#questions}}{{number}}. {{text}}\n\n{{/questions}}",
        questions=_QUESTIONS,
    )
    created = CreateTemplate(name="Анкета", kind=DocumentKind.QUESTIONNAIRE, content=asked)
    yield Entry(TEMPLATE, QUESTIONNAIRE, created)


def _template(name: str, kind: DocumentKind, title: str, body: str) -> CreateTemplate:
    return CreateTemplate(name=name, kind=kind, content=TemplateVersion(title=title, body=body))
