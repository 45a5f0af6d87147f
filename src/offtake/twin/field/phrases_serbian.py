"""Serbian notes, in Latin script."""

from __future__ import annotations

from types import MappingProxyType

from offtake.twin.field.phrases import Phrases

_OUT_OF_STOCK = (
    "opet nema: {item}, rasprodato u {day}.",
    "{item}, prazna polica, tako je još od {until}.",
    "u {day} je opet nestalo robe, artikal {item}, niko ne dopunjuje.",
    "rupa na polici u {aisle}. redu, fali {item} od {until}.",
    "kupci traže {item}, a u {day} nije bilo ni komada.",
    "poslovođa kaže da je {item} planuo već u {day}, ni u magacinu nema.",
    "bez robe: {item}. Polica prazna u {day}.",
    "ponovo smo ostali bez artikla {item}, zadnji put u {day}.",
)
_COMPETITOR_PROMOTION = (
    "{brand} je ove nedelje {cut}, velike cene u {aisle}. redu.",
    "konkurencija ima akciju: {brand} {cut} na čelu gondole {aisle}. reda.",
    "pazite, {brand} je {cut} i ide kao alva.",
    "{brand} gura promociju, {cut}, kategorija {category}.",
    "opet konkurencija, {brand} {cut} cele nedelje.",
    "puna paleta na ulazu, {brand} {cut}.",
    "gubimo kupce ovde jer je {brand} {cut}.",
)
_PACK_LOOK = (
    "kupci kažu da novo pakovanje za {brand} izgleda jeftino.",
    "danas dvaput čula: {brand} pakovanje liči na trgovačku marku.",
    "ljudi ne prepoznaju {brand} u novom dizajnu.",
    "poslovođa misli da je {brand} pakovanje bledo pored ostalih.",
    "jedna gospođa kaže da kutija {brand} izgleda kao iz diskonta.",
    "opet primedbe na izgled, {brand}, kažu da su boje isprane.",
    "dizajn {brand} se ne vidi u {aisle}. redu, prolaze pored njega.",
)
_PRICE_TOO_HIGH = (
    "kupci kažu da je {brand} preskup, {price}.",
    "{price} za {brand}? Vraćaju ga na policu.",
    "cena je problem ovde, {brand} po {price} im je mnogo.",
    "ponovo se žale na cenu, {brand}.",
    "porede {brand} sa ostalima i kažu da je {price} previše.",
    "kažu mi da je {brand} poskupeo, sada {price}.",
    "po {price} niko ne uzima {brand} bez akcije, kaže poslovođa.",
)
_DISPLAY_MISSING = (
    "dogovoreni displej nije postavljen, {item}.",
    "nema displeja za {item}, materijal još stoji u magacinu.",
    "displej {item} ne stoji, poslovođa kaže da nema mesta.",
    "platili smo izlaganje za {item}, a nema ga nigde.",
    "obišao sam celu radnju, stalak za {item} nije postavljen.",
    "akcija teče, ali {item} nema drugu poziciju.",
    "na čelu {aisle}. reda treba da bude {item}, a stoji nešto drugo.",
)
_NEW_ITEM_REQUEST = (
    "kupci traže {item}, a ova radnja ga nema.",
    "poslovođa bi da uvede {item}, pošaljite ponudu.",
    "može li {item} i ovde? Stalno pitaju.",
    "{item} nije u asortimanu, a ima tražnje.",
    "zahtev: ubacite {item} u ovu radnju, komšije ga prodaju.",
    "tri kupca su tražila {item}, ovde ga ne drže.",
    "uzeli bi {item} ako pošaljemo bar jednu kutiju za početak.",
)
_DELIVERY_LATE = (
    "isporuka opet kasni, {brand}, čekaju danima.",
    "kamion nije došao, {brand}, vidi se po polici.",
    "porudžbina za {brand} nije stigla, već treći dan.",
    "naručili su {brand} prošle nedelje i ništa.",
    "kasni isporuka: {brand}. Poslovođa je ljut.",
    "čekaju magacin za {brand}, niko se ne javlja.",
    "{brand} je trebalo da stigne pre par dana, nema ni robe ni poziva.",
)
_PRAISE_CAMPAIGN = (
    "ljudi hvale novu reklamu za {brand}, danas dvoje.",
    "kampanja {brand} radi, kupci pričaju o njoj.",
    "poslovođa je video spot za {brand}, baš mu se dopao.",
    "lepe reči za kampanju {brand}, samo nastavite.",
    "deca pevaju reklamu za {brand} u {aisle}. redu, svaka čast.",
    "ulaze i traže {brand} iz reklame.",
    "danas pohvale za našu reklamu, {brand}.",
)
_ANSWERS = (
    ("Hvala, od ponedeljka duplo veća porudžbina.", "Prosleđeno nabavci lanca.",
     "Roba je na putu, proverite pri sledećoj poseti."),
    ("Hvala. Ne pratimo cenu, naša akcija kreće sledeće nedelje.",
     "Primljeno. Pošaljite sliku i datum kraja.", "Znamo, to im je akcija u celoj zemlji."),
    ("Hvala, skupljamo ovo za reviziju dizajna.", "Novo pakovanje je na testu.",
     "Zapišite koliko ljudi je to reklo."),
    ("Hvala, ovog meseca gledamo razliku u ceni.", "Cena ostaje, u planu je akcija.",
     "Zapišite šta kupuju umesto toga."),
    ("Zvao sam radnju, sutra postavljaju.", "Postavite ga pri sledećoj poseti.",
     "Tražimo povraćaj za izlaganje."),
    ("Ponuda je poslata nabavci.", "Nažalost, nije moguće u ovom formatu.",
     "Listing kreće sledećeg meseca."),
    ("Kamion kasni, stiže sutra.", "Razgovarali smo sa magacinom.",
     "Porudžbina nije poslata, neka je ponove."),
    ("Odlično, preneto timu!", "Hvala, drugi talas uskoro.", "Dobro je znati. Koji spot je bio?"),
)  # fmt: skip


def _money(price: float) -> str:
    return f"{price:.2f}".replace(".", ",")


SERBIAN = Phrases(
    topics=(
        _OUT_OF_STOCK,
        _COMPETITOR_PROMOTION,
        _PACK_LOOK,
        _PRICE_TOO_HIGH,
        _DISPLAY_MISSING,
        _NEW_ITEM_REQUEST,
        _DELIVERY_LATE,
        _PRAISE_CAMPAIGN,
    ),
    answers=_ANSWERS,
    openers=("Ćao svima,", "Samo da znate:", "Kratko:", "Javljam iz radnje:", "Pozdrav,"),
    closers=("Rešite to, molim vas.", "Hvala!", "Može li neko da ih pozove?", "Šaljem sliku.",
             "Drugi put ovog meseca."),
    days=("ponedeljak", "utorak", "sredu", "četvrtak", "petak", "subotu", "nedelju"),
    until=("ponedeljka", "utorka", "srede", "četvrtka", "petka", "subote", "nedelje"),
    categories=MappingProxyType(
        {
            "BAG SNACKS": "čips",
            "BATH TISSUES": "toalet papir",
            "CHEESE": "sir",
            "COFFEE": "kafa",
            "COLD CEREAL": "žitarice",
            "FROZEN PIZZA": "pica",
            "LAUNDRY DETERGENTS": "deterdžent",
            "ORAL HYGIENE PRODUCTS": "pasta za zube",
            "SOFT DRINKS": "gazirani sok",
            "YOGURT": "jogurt",
        }
    ),
    short=MappingProxyType(
        {
            "promocij": "promo akcij",
            "onkurencija": "onk.",
            "artikal": "art.",
            "artikla": "art.",
            "poslovođa": "posl.",
            "Poslovođa": "Posl.",
            "pakovanje": "pak.",
            "porudžbina": "por.",
            "nedelje": "ned.",
            "molim vas": "mvas",
            "kategorija": "kat.",
            "isporuka": "isp.",
            "kupci": "kup.",
            "Kupci": "Kup.",
        }
    ),
    half_price="na pola cene",
    percent_off="sniženo {percent}",
    money=_money,
    plain=True,
)  # fmt: skip
