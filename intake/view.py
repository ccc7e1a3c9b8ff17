"""What a visitor's page shows of an intake: the path as it stands, what came of an answer, and of handing over."""

from dataclasses import dataclass

from desk.status import Status
from intake import engine
from intake.enclosed import Enclosed
from intake.engine import Progress, Step
from intake.questionnaire import Questionnaire
from intake.rows import Intake
from intake.staying import Stays
from triage.decision import Decision


@dataclass(frozen=True, slots=True)
class View:
    """An intake as its visitor sees it now. Ask for a new one after every move."""

    intake: Intake
    path: tuple[Step, ...]  # every question that is asked as the answers stand, in order
    progress: Progress
    missing: tuple[Step, ...]  # with any of these nothing is handed over
    waits: bool  # danger was read and "are you safe?" stands open: show no question, go on afterwards
    stays: Stays  # elsewhere, if they take it back or delete it
    status: Status | None = None  # of the handing over; what may be said of it, each from its own row
    files: tuple[Enclosed, ...] = ()  # that came with these answers, in the order they are asked

    @property
    def questionnaire(self) -> Questionnaire:
        """As it was when they began."""
        return self.intake.questionnaire

    def step(self, key: str) -> Step | None:
        """The step of that slot, if it is asked."""
        return next((step for step in self.path if step.key == key), None)

    def files_of(self, step: Step) -> tuple[Enclosed, ...]:
        """The files that came with its answer."""
        return tuple(file for file in self.files if file.slot == step.key)

    def next(self, after: str = "") -> Step | None:
        """What to ask next, behind `after` or anywhere; None: time to look it over."""
        return engine.next_step(self.path, after)

    def before(self, key: str) -> Step | None:
        """Where Back leads from a slot, or from the review ("")."""
        return engine.step_before(self.path, key)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that is on the disk, and what came of it."""

    view: View
    number: int  # of the entry
    danger: Decision | None = None  # show the care block of this decision; a ticket stands


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Answers that staff may read now."""

    view: View
    reference: str  # of the ticket
