"""The verdict on a layer: what was found in one of its modes, and what is known of the other."""

from __future__ import annotations

from dataclasses import replace

from gradatim.check.layers.examination import Examination
from gradatim.check.layers.finding import LayerCheck
from gradatim.check.layers.mode import Mode, Switch, switch_of
from gradatim.check.layers.opening import Opening
from gradatim.check.layers.specimen import copied
from gradatim.errors import GradatimError


def verdict(opening: Opening) -> LayerCheck:
    """Report on one mode of a layer, with what is known of the other."""
    report = Examination(opening).run()
    switch = switch_of(opening)
    if switch is None:
        return report
    if not report.passed:
        return report if switch.on else _in_training(opening, switch, report)
    mode = Mode(opening, switch, not switch.on)
    words, why = switch.told(mode.on), mode.excuse()
    if why:
        return _without(report, words, why)
    if not mode.differs():
        return report
    subject = mode.subject
    try:
        other = Opening(subject.layer, subject.inputs, subject.settings, opening.seed)
        return _beside(report, Examination(other).run(), words)
    except GradatimError as error:
        return _without(report, words, str(error).partition("\n")[0].rstrip("."))


def _without(report: LayerCheck, mode: str, why: str) -> LayerCheck:
    """The report with a word on the mode that was not checked."""
    remarks = (*report.remarks, f"{mode} was not checked: {why}.")
    return replace(report, unchecked=(*report.unchecked, mode), remarks=remarks)


def _in_training(opening: Opening, switch: Switch, report: LayerCheck) -> LayerCheck:
    """What is wrong in evaluation; if there is no backward to speak of there, that in training."""
    why = Mode(opening, switch, False).excuse()
    if not why:
        return report
    if switch.name not in opening.settings and switch.place is None:
        subject = switch.set(opening, copied(opening.layer), True)
        other = Opening(subject.layer, subject.inputs, subject.settings, opening.seed)
        return _without(Examination(other).run(), switch.told(False), why)
    raise GradatimError(
        f"layer: {opening.name} cannot be checked in {switch.told(False)}: {why}.\n"
        "  Nothing is learnt in evaluation, and a layer need have no backward there.\n"
        f"  Try with {switch.name}=True."
    )


def _beside(report: LayerCheck, other: LayerCheck, mode: str) -> LayerCheck:
    """The report with what was found in another mode."""
    if other.passed:
        return replace(report, remarks=(*report.remarks, f"in {mode} it is right, too."))
    wrong = {row.name: row for row in other.rows if row.verdict != "right"}
    findings = (replace(each, what=f"In {mode}: {each.what}") for each in other.findings)
    return replace(
        report,
        rows=tuple(wrong.get(row.name, row) for row in report.rows),
        findings=(*report.findings, *findings),
    )
