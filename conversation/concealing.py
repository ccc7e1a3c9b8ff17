"""Personal details are replaced before a text leaves the process, and put back after. It does not catch everything."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from phonenumbers import PhoneNumberMatcher

REGIONS = ("US", "ES", "MX", "GB")  # where a telephone number without a country code may be from

_MARK = re.compile(r"\[[A-Z]+-\d+\]")
_MAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|"
    r"diciembre)"
)
_DATE = re.compile(
    rf"\b\d{{1,4}}[/.-]\d{{1,2}}[/.-]\d{{1,4}}\b"
    rf"|\b{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?(?:,? (?:19|20)\d\d)?\b"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th)?(?: of| de)? {_MONTH}\b\.?(?:,?(?: de| del)? (?:19|20)\d\d)?"
    rf"|\b{_MONTH}\.?,? (?:de |del )?(?:19|20)\d\d\b"
    r"|\b(?:dob|born|nac[ií]\w*)\b\D{0,12}\b(?:19|20)\d\d\b",
    re.IGNORECASE,
)
_ID = re.compile(
    r"\b(?:ssn|mrn|dni|nie|nss|curp|npi|id|number|no|member|policy|patient|chart|case|record|account|insurance|"
    r"paciente|p[oó]liza|expediente|historia)\b\W{0,4}(?:(?:is|es|number|no|id|cl[ií]nica)\b\W{0,3})*"
    r"(?=[\w-]*\d)[\w-]{4,}"
    r"|\b[A-Z]-\d+\b"
    r"|\b(?=(?:[\w-]*\d){4})(?=[\w-]*[A-Za-z])[\w-]{6,}\b"
    r"|(?<![\w$€£.])\d(?:[ .()/-]{0,3}\d){6,}\b",
    re.IGNORECASE,
)
_SAYS_NAME = re.compile(
    r"\b(?i:my (?:full |first |last )?name(?: is|'s|’s|:)|name:|i(?: a|'|’)m called|i go by|call me|me llamo|"
    r"mi nombre es|nombre:)\s+(?P<any>[^\W\d_][\w'’-]*(?:\s+[^\W\d_][\w'’-]*){0,3})"
    r"|\b(?i:this is|i(?: a|'|’)m|soy|habla)\s+(?P<proper>[A-ZÁÉÍÓÚÑ][\w'’-]+(?:\s+[A-ZÁÉÍÓÚÑ][\w'’-]+){0,3})"
)
_SIGNS = re.compile(
    r"(?:^|[\n.!?,])\s*(?:(?i:thanks?(?: you)?(?: so much| again)?|cheers|best(?: wishes| regards)?|"
    r"(?:kind |warm )?regards|sincerely|yours(?: truly)?|love|gracias|saludos|un saludo|atentamente|un abrazo)"
    r"[ ,.!—–-]*\s+|[—–]\s*|\n\s*-{1,2}\s*)"
    r"(?P<name>[A-ZÁÉÍÓÚÑ][\w'’-]*\.?(?:[ ]+[A-ZÁÉÍÓÚÑ][\w'’-]*\.?){0,3})\s*$"
)
_NOT_A_NAME = frozenset(
    """and but i im i'm the a an is not so who what when where how why can could do does did would will with from or
    of for to in on at my your because please thanks if y pero que no de con en para por el la un una quiero tengo
    soy estoy sad fine ok okay new just very really also""".split()
)


@dataclass(slots=True)
class Concealment:
    """What was replaced in the texts of one turn: the same detail always by the same mark."""

    names: Iterable[str] = ()  # known from contact fields
    kept: frozenset[str] = frozenset()  # lower-case words that are no person's name: the clinics'
    _marks: dict[str, str] = field(default_factory=dict)  # detail -> mark

    def look(self, *texts: str) -> "Concealment":
        """Learn the names that texts give: "my name is", a signature. Returns itself."""
        found = [*self.names]
        for text in texts:
            found += [match["any"] or match["proper"] for match in _SAYS_NAME.finditer(text)]
            found += [match["name"] for match in _SIGNS.finditer(text.rstrip(" .!\n"))]
        self.names = tuple(dict.fromkeys(name for one in found if (name := self._as_name(one))))
        return self

    def hide(self, text: str) -> str:
        """The text with marks in place of details."""
        text = _MARK.sub(lambda match: self._mark("MARK", match[0]), text)  # typed by the writer themselves
        for label, pattern in (("EMAIL", _MAIL), ("LINK", _LINK), ("DATE", _DATE)):
            text = self._hide(label, pattern, text)
        if numbers := _phones(text):
            text = self._hide("PHONE", re.compile("|".join(map(re.escape, numbers))), text)
        text = self._hide("ID", _ID, text)
        for pattern in self._patterns():
            text = self._hide("NAME", pattern, text)
        return text

    def restore(self, text: str) -> str:
        """The text with the details back in place of their marks; marks that were never given stay as they are."""
        details = {mark: detail for detail, mark in self._marks.items()}
        return _MARK.sub(lambda match: details.get(match[0], match[0]), text)

    def _hide(self, label: str, pattern: re.Pattern[str], text: str) -> str:
        pieces = re.split(f"({_MARK.pattern})", text)  # nothing is looked for inside a mark
        pieces[::2] = [pattern.sub(lambda match: self._mark(label, match[0]), piece) for piece in pieces[::2]]
        return "".join(pieces)

    def _mark(self, label: str, detail: str) -> str:
        if detail not in self._marks:
            number = sum(mark.startswith(f"[{label}-") for mark in self._marks.values()) + 1
            self._marks[detail] = f"[{label}-{number}]"
        return self._marks[detail]

    def _as_name(self, found: str) -> str:
        """The words of it that may be a name, from the first on."""
        words: list[str] = []
        for word in found.split():
            if word.lower().strip(".,") in _NOT_A_NAME | self.kept:
                break
            words.append(word.strip(".,"))
        return " ".join(words)

    def _patterns(self) -> list[re.Pattern[str]]:
        """Each name whole in any case; its parts only as they were written, or with a capital."""
        whole = [re.compile(rf"\b{re.escape(name)}\b", re.IGNORECASE) for name in self.names if len(name) > 1]
        parts = {part for name in self.names for part in name.split() if len(part) > 2}
        forms = {form for part in parts for form in (part, part.capitalize())} - {""}
        return whole + [
            re.compile(rf"\b{re.escape(form)}\b") for form in sorted(forms) if form.lower() not in self.kept
        ]


def _phones(text: str) -> list[str]:
    """Telephone numbers as they stand in a text, the longest first."""
    if sum(map(str.isdigit, text)) < 6:
        return []
    found = {match.raw_string for region in REGIONS for match in PhoneNumberMatcher(text, region)}
    return sorted(found, key=len, reverse=True)
