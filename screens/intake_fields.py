"""The fields of one intake question: filled from what is kept or was typed, drawn, and read back as given values."""

import re
from collections.abc import Callable
from typing import Any, Literal

import streamlit as st

from intake.enclosed import Enclosed
from intake.engine import Step
from intake.questionnaire import ItemType, Kind, Value
from intake.values import MEDIA, Given
from prompts.intake import intake_words
from screens.intake_files import lines_on
from screens.markup import label
from screens.visitor import Visitor

SHOWN_KEY = "intake_shown"  # which entry each field was filled from
DRAFTS_KEY = "intake_drafts"  # typed and not kept as an answer
KEPT = "kept"  # how the names of fields begin that say whether a file stays
ENDINGS = (".pdf", ".docx", ".txt")
HINTS = {
    ItemType.DATE: "unfit.date",
    ItemType.DATE_TIME: "unfit.date_time",
    ItemType.TIME: "unfit.time",
    ItemType.URL: "unfit.url",
    ItemType.INTEGER: "unfit.integer",
    ItemType.DECIMAL: "unfit.decimal",
    ItemType.ATTACHMENT: "step.files",
}
Fields = dict[str, Any]  # "option", "words" or "many_N" to what stands there


def fields(
    intake: int,
    step: Step,
    visitor: Visitor,
    *,
    question: str,
    files: tuple[Enclosed, ...] = (),
    keep: Callable[[], None] | None = None,
) -> None:
    """Draw them. `question` names them for a screen reader; `keep` is called at every change, outside a form.

    `files` are those of the answer that is kept.
    """
    say, item, base = intake_words(visitor.language), step.item, _base(intake, step)
    _fill(intake, step)
    offered = _offered(step, visitor.language)
    if offered and item.repeats and not step.asks_for_another:
        for place, (_, text) in enumerate(offered):
            st.checkbox(label(text), key=f"{base}_many_{place}", on_change=keep)
    elif offered:
        st.radio(
            label(question),
            [key for key, _ in offered],
            index=None,
            format_func=lambda key: label(dict(offered)[key]),
            key=f"{base}_option",
            label_visibility="collapsed",
            on_change=keep,
            width="stretch",
        )
    if step.asks_for_another:
        return
    if hint := _hint(step, visitor):
        st.html(f'<p class="small">{hint}</p>')
    if item.type is ItemType.ATTACHMENT:
        _files(intake, step, visitor.language, files, question=question, keep=keep)
    beside = bool(offered) or item.type is ItemType.ATTACHMENT
    name = say("step.own_words") if beside else question
    seen: Literal["visible", "collapsed"] = "visible" if beside else "collapsed"
    key = f"{base}_words"
    if _is_roomy(step):
        tall = 68 if beside else 140
        st.text_area(label(name), key=key, height=tall, label_visibility=seen, on_change=keep)
    else:
        st.text_input(label(name), key=key, label_visibility=seen, on_change=keep)


def _files(
    intake: int,
    step: Step,
    language: str,
    files: tuple[Enclosed, ...],
    *,
    question: str,
    keep: Callable[[], None] | None,
) -> None:
    """What is kept, with a box to take it away and what became of its reading; below it, room for another."""
    say, read = intake_words(language), {file.place: file for file in files}
    for place, name in _kept(step):
        key = f"{_base(intake, step)}_{_stays(step, place)}"
        st.checkbox(label(say("step.keep_file", name=name)), key=key, on_change=keep)
        if place in read:
            st.html(lines_on(say, (read[place],)))
    with st.container(key=f"intake-upload-{language}-{_base(intake, step)}"):
        st.file_uploader(
            label(question),
            type=list(ENDINGS),
            accept_multiple_files=step.item.repeats,
            key=_uploader(intake, step),
            label_visibility="collapsed",
            on_change=keep,
        )


def given_in(intake: int, step: Step) -> tuple[Given, ...]:
    """What stands in the fields now."""
    base, item = _base(intake, step), step.item
    given: list[Given] = []
    files = _uploaded(intake, step)
    given += [Given(file_name=file.name, media_type=_media(file), content=file.getvalue()) for file in files]
    if item.repeats or not files:  # where one fits, the newer takes the place of the older
        stay = (place for place, _ in _kept(step) if st.session_state.get(f"{base}_{_stays(step, place)}", True))
        given += [Given(kept=place) for place in stay]
    option = st.session_state.get(f"{base}_option")
    if option:
        given.append(Given(option=option))
    for place, (key, _) in enumerate(_offered(step, "en")):
        if st.session_state.get(f"{base}_many_{place}"):
            given.append(Given(option=key))
    words = str(st.session_state.get(f"{base}_words") or "").strip()
    if words and item.repeats and not item.type.takes_own_words and not step.asks_for_another:
        given += [Given(words=part.strip()) for part in words.split(_between(step)) if part.strip()]
    elif words:
        given.append(Given(words=words))
    return tuple(given)


def is_as_kept(step: Step, given: tuple[Given, ...]) -> bool:
    """Sending this again would change nothing."""
    if step.entry is None or not step.is_answered or any(one.content for one in given):
        return False
    kept = [
        (*_as_given(step, value), -1) if value.kind is not Kind.FILE else ("", "", place)
        for place, value in enumerate(step.entry.values)
    ]
    return sorted(kept) == sorted((one.option, one.words, -1 if one.kept is None else one.kept) for one in given)


def seen(intake: int, step: Step) -> int:
    """The entry the fields were filled from; another device may have been faster since."""
    return int(st.session_state.get(SHOWN_KEY, {}).get((intake, step.key), _number(step)))


def now_seen(intake: int, step: Step, number: int | None = None) -> None:
    """The writer knows the entry of that number, or the one that stands there now."""
    shown = st.session_state.setdefault(SHOWN_KEY, {})
    shown[intake, step.key] = _number(step) if number is None else number


def draft_of(intake: int, step: Step, *, keep: bool) -> None:
    """Keep what is typed here although it is no answer, or let it go."""
    drafts, mark = st.session_state.setdefault(DRAFTS_KEY, {}), (intake, step.key)
    base = _base(intake, step)
    held = {name: st.session_state[f"{base}_{name}"] for name in _names(step) if f"{base}_{name}" in st.session_state}
    if keep and any(held.values()):
        drafts[mark] = held
    else:
        drafts.pop(mark, None)


def forget_fields(intake: int) -> None:
    """Nothing that was typed in this intake stays with the page."""
    for key in [name for name in st.session_state if str(name).startswith(f"intake_field_{intake}_")]:
        del st.session_state[key]
    for held in (SHOWN_KEY, DRAFTS_KEY):
        st.session_state.pop(held, None)


def _fill(intake: int, step: Step) -> None:
    """Fill the fields from the entry when they are new, a draft first; what stands in them is never written over."""
    base, mark, names = _base(intake, step), (intake, step.key), _names(step)
    known = st.session_state.setdefault(SHOWN_KEY, {})
    if mark in known and all(f"{base}_{name}" in st.session_state for name in names):
        return
    known[mark] = _number(step)
    draft = st.session_state.get(DRAFTS_KEY, {}).get(mark)
    values = _initial(step) if step.entry is None else step.entry.values
    held = draft if draft is not None else _held(step, values)
    for name in names:
        st.session_state[f"{base}_{name}"] = held.get(name, True if name.startswith(KEPT) else None)


def _number(step: Step) -> int:
    return 0 if step.entry is None else step.entry.number


def _held(step: Step, values: tuple[Value, ...]) -> Fields:
    offered = [key for key, _ in _offered(step, "en")]
    held: Fields = {"option": None, "words": "", **{_stays(step, place): True for place, _ in _kept(step)}}
    words = []
    for value in (one for one in values if one.kind is not Kind.FILE):
        key, text = _as_given(step, value)
        if key in offered:
            held["option"] = key
            held[f"many_{offered.index(key)}"] = True
        else:
            words.append(text)
    held["words"] = _between(step).join(words)
    return {**{f"many_{place}": False for place in range(len(offered))}, **held}


def _as_given(step: Step, value: Value) -> tuple[str, str]:
    """(option, words) as the page would send it."""
    if value.kind is Kind.OWN_WORDS:
        return "", value.text
    if value.kind is Kind.BOOLEAN:
        return value.text, ""
    option = step.item.chosen(value)
    if option is not None:
        return option.key, ""
    return "", f"{value.text} {value.code}".strip() if value.kind is Kind.QUANTITY else value.text


def _initial(step: Step) -> tuple[Value, ...]:
    if step.asks_for_another:
        return ()
    return step.item.initial or tuple(option.value for option in step.item.options if option.initial)


def _offered(step: Step, language: str) -> list[tuple[str, str]]:
    """(key, text) of what can be chosen."""
    say = intake_words(language)
    if step.asks_for_another or step.item.type is ItemType.BOOLEAN:
        return [("true", say("step.yes")), ("false", say("step.no"))]
    return [(option.key, option.words.within(language)) for option in step.item.options]


def _names(step: Step) -> list[str]:
    """The fields this question has, without the one that takes files: that one cannot be filled."""
    offered = _offered(step, "en")
    several = bool(offered) and step.item.repeats and not step.asks_for_another
    chosen = [f"many_{place}" for place in range(len(offered))] if several else ["option"] if offered else []
    chosen += [_stays(step, place) for place, _ in _kept(step)]
    return chosen if step.asks_for_another else [*chosen, "words"]


def _hint(step: Step, visitor: Visitor) -> str:
    say, item = intake_words(visitor.language), step.item
    parts = [say(HINTS[item.type])] if item.type in HINTS else []
    if item.type is ItemType.QUANTITY:
        parts.append(say("unfit.unit", unit=item.unit) if item.unit else say("unfit.decimal"))
    if item.repeats and not item.type.takes_own_words:
        apart = "intake.apart_by_lines" if item.type is not ItemType.TEXT else "intake.apart_by_gaps"
        parts.append(visitor.words(apart, most=item.most))
    return label(" ".join(parts)).replace("\\", "") if parts else ""


def _between(step: Step) -> str:
    return "\n\n" if step.item.type is ItemType.TEXT else "\n"


def _is_roomy(step: Step) -> bool:
    return step.item.type is ItemType.TEXT or step.item.type.takes_own_words or step.item.repeats


def _base(intake: int, step: Step) -> str:
    place = re.sub(r"\W", lambda found: f"-{ord(found[0])}-", step.key)
    return f"intake_field_{intake}_{place}"


def _kept(step: Step) -> list[tuple[int, str]]:
    """(place, name) of the files that stand in the answer."""
    values = () if step.entry is None else step.entry.values
    return [(place, value.text) for place, value in enumerate(values) if value.kind is Kind.FILE]


def _stays(step: Step, place: int) -> str:
    """The field that says whether a file stays; of this answer alone, since places change with the next one."""
    return f"{KEPT}_{_number(step)}_{place}"


def _uploader(intake: int, step: Step) -> str:
    """The key of the field that takes files: a new, empty one after each answer, since what it held is kept."""
    return f"{_base(intake, step)}_file_{_number(step)}"


def _uploaded(intake: int, step: Step) -> list[Any]:
    if step.item.type is not ItemType.ATTACHMENT or step.asks_for_another:
        return []
    held = st.session_state.get(_uploader(intake, step))
    return held if isinstance(held, list) else [] if held is None else [held]


def _media(file: Any) -> str:
    """What the browser says it is, as far as we take such files."""
    return str(file.type) if file.type in MEDIA else ""
