"""A desk with intakes on it, and the few lines tests say most often."""

from functools import cache

from desk.roles import Role
from intake.intakes import Intakes
from intake.questionnaire import Questionnaire
from intake.reading import Shelf, read_shelf
from intake.staff import IntakeDesk
from intake.values import Given
from intake.view import HandedOver, Kept, View
from store.engine import Store
from tests.desk.desks import LINK, House


@cache
def shipped() -> Shelf:
    """The questionnaires that come with the project."""
    return read_shelf()


class IntakeHouse(House):
    """One installation with a visitor who answers."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.shelf = shipped()
        self.intakes = Intakes(store, self.keys, self.clock, lambda: self.shelf, channels={"email": self.mail})
        self.intake_desk = IntakeDesk(
            store, self.keys, self.clock, self.desk.allow, lambda: self.shelf, has_record=True
        )

    def with_files(self, *questionnaires: Questionnaire) -> "IntakeHouse":
        """These on the shelf, in place of the shipped ones."""
        self.shelf = Shelf({one.name: one for one in questionnaires})
        return self

    def clinician(self) -> str:
        """A session."""
        return self.sessions.get("Priya") or self.hire("Priya", Role.CLINICIAN)

    def begin(self, name: str = "first-conversation", language: str = "en", link: str = LINK) -> View:
        return self.intakes.begin(link, name, language)

    def say(self, view: View, key: str, *words: str, link: str = LINK, **more) -> Kept:
        """Type an answer."""
        return self.intakes.answer(link, view.intake.id, key, [Given(words=one) for one in words], **more)

    def choose(self, view: View, key: str, *options: str, link: str = LINK, **more) -> Kept:
        """Press options, by code."""
        keys = [one if one in ("true", "false") else f"|{one}" for one in options]
        return self.intakes.answer(link, view.intake.id, key, [Given(option=one) for one in keys], **more)

    def hand_over(self, view: View, link: str = LINK) -> HandedOver:
        return self.intakes.hand_over(link, view.intake.id, consent=True)

    def ready(self, link: str = LINK) -> View:
        """A first conversation with what is required, and one line."""
        view = self.begin(link=link)
        self.choose(view, "who", "self", link=link)
        self.choose(view, "adult", "yes", link=link)
        return self.say(view, "outcome", "Looking forward to a walk again.", link=link).view

    def follow_up(self, *codes: str, sessions: str = "", language: str = "en") -> View:
        """A follow-up, handed over: interest, pleasure, drive, mood."""
        view = self.begin("follow-up", language)
        for key, code in zip(("interest", "pleasure", "drive", "mood"), codes, strict=False):
            self.choose(view, key, code)
        if sessions:
            self.say(view, "sessions", sessions)
        return self.hand_over(view).view
