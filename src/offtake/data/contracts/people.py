"""People and targets, and what shoppers say of brands and their messages in surveys."""

from __future__ import annotations

from offtake.data.contracts.contract import WEEK, Contract, Rule, day, flag, number, text

PERSON = Contract(
    name="person",
    title="People",
    meaning="Members of the sales and marketing teams.",
    grain="one person",
    key=("person_id",),
    columns=(
        text("person_id", "person id, unique", required=True),
        text("role", "role", required=True),
        text("team", "team; results about people are shown by team only", required=True),
        text("territory", "territory covered"),
        day("hired", "first day", required=True),
        day("left_on", "last day; empty while employed"),
        text("left_how", "who decided", allowed=("voluntary", "involuntary")),
    ),
    rules=(
        Rule(column="left_on", condition="left_on >= hired", allowed="a day not before `hired`"),
        Rule(
            column="left_how",
            condition="left_on IS NOT NULL OR left_how IS NULL",
            allowed="empty while `left_on` is empty",
        ),
    ),
)

TARGET = Contract(
    name="target",
    title="Targets",
    meaning="What a company, team or person is asked to reach in a period.",
    grain="level x owner x metric x first day",
    key=("level", "owner", "metric", "first_day"),
    columns=(
        text(
            "level",
            "whose target it is",
            required=True,
            allowed=("company", "team", "person"),
        ),
        text("owner", "company name, team or person id", required=True),
        text("team", "team the owner belongs to", required=True, default="owner"),
        text("metric", "what is counted", required=True, default="'value'"),
        day("first_day", "first day of the period", required=True),
        day("last_day", "last day of the period", required=True),
        number("target", "amount asked for", "amount", required=True, low=0),
        number("actual", "amount reached", "amount"),
    ),
    rules=(
        Rule(
            column="last_day",
            condition="last_day >= first_day",
            allowed="a day not before `first_day`",
        ),
    ),
)

SURVEY_ANSWER = Contract(
    name="survey_answer",
    title="Survey answers",
    meaning="What one respondent said of one brand in one wave of the brand survey.",
    grain="respondent x brand x week",
    key=("respondent_id", "brand", "week"),
    columns=(
        text("respondent_id", "the respondent", required=True),
        WEEK,
        text("brand", "the brand asked about", required=True),
        text("category", "the category asked about"),
        text("region", "where the respondent lives"),
        text("segment", "lifestyle or need segment"),
        text("house", "fieldwork house or panel provider that asked"),
        number("weight", "survey weight", "persons", default="1", low=0),
        flag("first_mention", "named first, unprompted"),
        flag("aware", "knows it", required=True),
        flag("considers", "would consider buying it"),
        flag("tried", "has bought it"),
        flag("repeats", "has bought it again"),
        flag("loyal", "buys it most"),
    ),
)

_ONLY_NOTICED = "empty where `noticed` is false"

MESSAGE_RECALL = Contract(
    name="message_recall",
    title="Message recall",
    meaning="What one respondent made of one message of a brand where it was shown: a touchpoint "
    "is a channel, a leaflet, a shelf. The material is shown without the brand's name.",
    grain="respondent x brand x message x touchpoint x week",
    key=("respondent_id", "brand", "message", "touchpoint", "week"),
    columns=(
        text("respondent_id", "the respondent, as in the survey answers", required=True),
        WEEK,
        text("brand", "the brand whose message it is", required=True),
        text("message", "what it is meant to say", required=True),
        text("touchpoint", "where it was shown", required=True),
        text("campaign", "campaign that the message belongs to"),
        text("category", "the category asked about"),
        text("region", "where the respondent lives"),
        text("segment", "lifestyle or need segment"),
        text("house", "fieldwork house or panel provider that asked"),
        number("weight", "survey weight", "persons", default="1", low=0),
        flag("noticed", "says to have noticed it there", required=True),
        text("attributed_to", "the brand that it was taken for"),
        text("take_out", "what it was taken to say; the same words as `message` where understood"),
        text(
            "fit",
            "how it goes with what else was noticed of the brand",
            allowed=("consistent", "neutral", "contradicts"),
        ),
    ),
    rules=tuple(
        Rule(column=name, condition=f"noticed OR {name} IS NULL", allowed=_ONLY_NOTICED)
        for name in ("attributed_to", "take_out", "fit")
    ),
)
