"""People and targets, and what shoppers say in surveys."""

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
