"""Rows of the notes that reps write, and the truth about what they claim."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from offtake.twin.arrays import Bools, Days, Floats, Ints, Texts
from offtake.twin.field.claims import NO_ITEM, Claims, claims
from offtake.twin.field.opinions import opinions
from offtake.twin.field.sight import Places, places
from offtake.twin.field.topics import APPEAL, DESKS, TOPICS
from offtake.twin.field.visits import arrivals, moments, note_ids, visit_ids
from offtake.twin.field.wording import LANGUAGES, Said, answer_text, compose
from offtake.twin.kernels.outages import DAYS
from offtake.twin.market.block import Block
from offtake.twin.market.world import World
from offtake.twin.randomness import stream
from offtake.twin.tables import Made, coded, days_array

HOUR = np.timedelta64(3600, "s")
_UNIFORM = 9
(_WRITES, _FALSE, _WHICH, _DELAY, _LANGUAGE, _ITEM, _TOPIC, _WRONG, _ANSWERED) = range(_UNIFORM)


@dataclass(frozen=True, slots=True)
class _Notes:
    """N notes: the visit, what is claimed, and the numbers drawn for the rest.

    Parameters
    ----------
    at
        The visits.
    topic, item, brand
        (N,) what is claimed.
    true
        (N,) whether it is true.
    detail
        (N,) as in :class:`Claims`.
    language
        (N,) index into the languages.
    uniform, normal
        (N, U), (N,) numbers.
    """

    at: Places
    topic: Ints
    item: Ints
    brand: Ints
    true: Bools
    detail: Floats
    language: Ints
    uniform: Floats
    normal: Floats


def notes(world: World, of: Ints, blocks: tuple[Block, ...]) -> Made:
    """Return the notes written on visits to the stores numbered `of`, and the truth ``note``.

    Parameters
    ----------
    world, of
        The world, and stores of one retailer.
    blocks
        One block for each category of these stores.
    """
    made = _chosen(world, of, blocks)
    bodies, mistyped = _bodies(world, made)
    ids = pa.array(note_ids(world, made.at.visit))
    names = np.array(TOPICS)
    truth = pa.table(
        {
            "note_id": ids,
            "topic": coded(names, made.topic),
            "claim_true": pa.array(made.true),
            "product_id": _item_ids(world, made.item, made.item != NO_ITEM),
            "brand": coded(world.brands.names, made.brand),
            "week": days_array(world.weeks[made.at.week]),
            "mistyped": pa.array(mistyped, type=pa.bool_()),
        }
    )
    table = pa.table({"note_id": ids, **_facts(world, made), **_reply(world, made)})
    return Made({"note": table.append_column("body", bodies)}, {"note": truth})


def busy_weeks(world: World) -> Floats:
    """Return how much there is to write in each week, mean 1 over all visits, shape (T,)."""
    normal = stream(world.spec.seed, "notes by week").standard_normal(world.spec.weeks)
    spread = np.exp(world.assumed.notes_week_spread * normal)
    calls = world.visited.sum(axis=0)
    busy: Floats = spread * calls.sum() / max(float(calls @ spread), 1e-9)
    return busy


def desk_load(world: World) -> Floats:
    """Return the notes that reach head office in each week over the mean, expected, (T,)."""
    calls = world.visited.sum(axis=0)
    load: Floats = busy_weeks(world) * calls / max(float(calls.mean()), 1e-9)
    return load


def _chosen(world: World, of: Ints, blocks: tuple[Block, ...]) -> _Notes:
    """Decide on which visits notes are written, and what they claim."""
    visit, uniform, normal = _writing(world, of)
    at = places(world, of, visit)
    could = claims(world, blocks, at, opinions(world))
    wrong = uniform[:, _FALSE] < world.assumed.notes_false
    allowed = np.where(wrong[:, None], could.false, could.true)
    some = np.flatnonzero(allowed.any(axis=1))
    which = _pick(could, allowed[some], uniform[some, _WHICH])
    kept = Places(*(getattr(at, name)[some] for name in Places.__slots__))
    return _Notes(
        at=kept,
        topic=could.topic[which],
        item=could.item[which],
        brand=could.brand[which],
        true=~wrong[some],
        detail=could.detail[some, which],
        language=_languages(world, visit[some], uniform[some, _LANGUAGE]),
        uniform=uniform[some],
        normal=normal[some],
    )


def _writing(world: World, of: Ints) -> tuple[Ints, Floats, Floats]:
    """Return the visits after which somebody writes, with the numbers drawn for each."""
    calls, share = world.calls, world.assumed.notes_per_visit
    chance = np.minimum(share * busy_weeks(world), 1.0)
    parts = []
    for store in of:
        visit = np.arange(calls.first[store], calls.first[store + 1])
        random = stream(world.spec.seed, "notes", int(store))
        uniform = random.random((len(visit), _UNIFORM))
        normal = random.standard_normal(len(visit))
        writes = uniform[:, _WRITES] < chance[calls.week[visit]]
        parts.append((visit[writes], uniform[writes], normal[writes]))
    visits, uniforms, normals = zip(*parts, strict=True)
    return np.concatenate(visits), np.concatenate(uniforms), np.concatenate(normals)


def _pick(could: Claims, allowed: Bools, uniform: Floats) -> Ints:
    """Pick one claim for each note: by the topic's appeal, more where there is more to say."""
    topics = np.arange(len(TOPICS)) == could.topic[:, None]
    many = allowed.astype(float) @ topics
    weight = allowed * (np.array(APPEAL) / (1 + many))[:, could.topic]
    upto = np.cumsum(weight, axis=1)
    if not upto.size:
        return np.zeros(0, dtype=np.int64)
    picked: Ints = (upto <= (uniform * upto[:, -1])[:, None]).sum(axis=1)
    return picked


def _languages(world: World, visit: Ints, uniform: Floats) -> Ints:
    """Return the language of notes; each rep has a habit."""
    assumed = world.assumed
    share = float(np.clip(assumed.second_language, 1e-9, 1 - 1e-9))
    second = assumed.language_habit * share
    first = assumed.language_habit - second
    who, place = np.unique(world.calls.person[visit], return_inverse=True)
    habit = np.array(
        [stream(world.spec.seed, "language", int(each)).beta(second, first) for each in who]
    )
    return (uniform < habit[place]).astype(np.int64) if len(who) else place


def _bodies(world: World, made: _Notes) -> tuple[pa.Array, list[bool]]:
    """Put every claim into words."""
    texts: list[str] = []
    mistyped: list[bool] = []
    for said, random in _sayings(world, made):
        body, slipped = compose(said, random, world.assumed)
        texts.append(body)
        mistyped.append(slipped)
    return pa.array(texts, type=pa.string()), mistyped


def _sayings(world: World, made: _Notes) -> list[tuple[Said, np.random.Generator]]:
    items, calls, at = world.items, world.calls, made.at
    retailer = world.stores.retailer[calls.store[at.visit]]
    cheapest = _brand_prices(world)
    price = np.where(
        made.item != NO_ITEM,
        world.prices[retailer, made.item, at.week],
        cheapest[retailer, made.brand, at.week],
    )
    ago = (at.day - made.detail.astype(np.int64)) % DAYS
    return [
        (
            Said(
                language=LANGUAGES[made.language[n]],
                topic=int(made.topic[n]),
                brand=str(world.brands.names[made.brand[n]]),
                category=world.names[world.brands.category[made.brand[n]]],
                size=int(items.size[made.item[n]]) if made.item[n] != NO_ITEM else None,
                number=int(made.item[n]) % world.spec.items + 1,
                weekday=int(ago[n]),
                cut=float(made.detail[n]),
                price=float(price[n]),
                true=bool(made.true[n]),
            ),
            stream(world.spec.seed, "note text", int(calls.store[at.visit[n]]), int(at.week[n])),
        )
        for n in range(len(at.visit))
    ]


def _brand_prices(world: World) -> Floats:
    """Return the price of every brand's best-selling item, (R, B, T)."""
    order = np.lexsort((-world.items.share_of_brand, world.items.brand))
    _, first = np.unique(world.items.brand[order], return_index=True)
    prices: Floats = world.prices[:, order[first]]
    return prices


def _item_ids(world: World, item: Ints, given: Bools) -> pa.Array:
    return pa.array(world.items.ids[item], mask=~given, type=pa.string())


def _facts(world: World, made: _Notes) -> dict[str, pa.Array]:
    """Return where, when and by whom notes were written, and how they were filed."""
    calls, at, uniform = world.calls, made.at, made.uniform
    given = (made.item != NO_ITEM) & (uniform[:, _ITEM] < world.assumed.item_given)
    filed, is_filed = _filed(world, made)
    written = _written(world, made)
    return {
        "store_id": coded(world.stores.ids, calls.store[at.visit]),
        "product_id": _item_ids(world, made.item, given),
        "person_id": coded(world.staff.ids, calls.person[at.visit]),
        "visit_id": pa.array(visit_ids(world, at.visit)),
        "written": moments(written),
        "date": days_array(written),
        "language": coded(np.array(LANGUAGES), made.language),
        "topic": pa.array(np.array(TOPICS)[filed], mask=~is_filed, type=pa.string()),
    }


def _filed(world: World, made: _Notes) -> tuple[Ints, Bools]:
    """Return the topic that reps file notes under, and whether they do."""
    draw = made.uniform[:, _WRONG] / world.assumed.topic_wrong
    other = 1 + np.floor(np.minimum(draw, 1 - 1e-9) * (len(TOPICS) - 1)).astype(np.int64)
    filed = np.where(draw < 1, (made.topic + other) % len(TOPICS), made.topic)
    return filed, made.uniform[:, _TOPIC] < world.assumed.topic_given


def _written(world: World, made: _Notes) -> Days:
    """Return when notes were written: within twenty minutes of the end of the visit."""
    visit = made.at.visit
    minutes = world.calls.duration[visit] + 1 + np.floor(19 * made.uniform[:, _DELAY])
    written: Days = arrivals(world, visit) + minutes.astype("timedelta64[m]")
    return written


def _reply(world: World, made: _Notes) -> dict[str, pa.Array]:
    """Return who must answer, until when, and what came back."""
    assumed, written = world.assumed, _written(world, made)
    load = desk_load(world)[made.at.week]
    hours = assumed.answer_hours * load * np.exp(assumed.answer_spread * made.normal)
    answered = written.astype("datetime64[s]") + np.rint(3600 * hours).astype("timedelta64[s]")
    ends = world.weeks[-1] + DAYS
    comes = (made.uniform[:, _ANSWERED] < assumed.answer_share) & (answered < ends)
    due = written + int(assumed.due_hours) * HOUR
    return {
        "owner_id": coded(world.staff.ids, _owners(world, made)),
        "due": moments(due),
        "answered": pa.array(answered, mask=~comes, type=pa.timestamp("s")),
        "answer": pa.array(_answers(made, comes), type=pa.string()),
    }


def _owners(world: World, made: _Notes) -> Ints:
    """Return who must answer each note, (N,)."""
    staff, store = world.staff, world.calls.store[made.at.visit]
    managers = staff.brand_managers
    by_desk = {
        "marketing": managers[made.brand % len(managers)],
        "accounts": staff.accounts[world.stores.retailer[store]],
        "lead": staff.lead[world.stores.region[store]],
    }
    desk = np.array(DESKS)[made.topic]
    return np.select([desk == name for name in by_desk], list(by_desk.values()))


def _answers(made: _Notes, comes: Bools) -> list[str | None]:
    """Return the words of every answer that came."""
    draw: Texts = np.array(LANGUAGES)[made.language]
    return [
        answer_text(str(language), int(topic), float(uniform)) if came else None
        for language, topic, uniform, came in zip(
            draw, made.topic, made.uniform[:, _WHICH], comes, strict=True
        )
    ]
