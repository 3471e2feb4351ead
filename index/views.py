"""What the archive shows beside answers: an update with its history, how a quote stands, what is new. Frozen values."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from index.changes import Change
from index.grading import Grade
from index.types import Answer, Citation, Excerpt, Kind, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionView:
    """One revision as people see it; `changes`: what differs from the one before, none for the first.

    `edited_at`: from when it stood, None for the first. A tombstone has neither text nor changes.
    """

    number: int
    seen_at: datetime
    edited_at: datetime | None
    title: str
    text: str
    kind: Kind
    withdrawn: bool
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateView:
    """A whole update as it stands: `citation` and `text` are its newest revision's that is no tombstone.

    `corrected_by`: later updates that correct it, newest last; `corrects`: earlier ones that it corrects.
    """

    citation: Citation
    text: str
    withdrawn: bool
    revisions: tuple[RevisionView, ...]
    corrected_by: tuple[Citation, ...] = ()
    corrects: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """What was quoted, as it is kept after the excerpt is gone: whence, and its words or their SHA-256 as proof.

    `source` tells updates of one key apart; where it is left out, the newest of that key is meant.
    """

    update_id: str
    revision: int
    span: Span
    source: str = ""
    text: str = ""
    sha256: str = ""

    def proves(self, words: str) -> bool:
        """Tell whether these are the words that were quoted; a quote that keeps none of them cannot deny it."""
        if self.text and self.text != words:
            return False
        return bool(words) and self.sha256 in ("", sha256_of(words))


def sha256_of(words: str) -> str:
    """Return the proof of a quote's words, in hex."""
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()


def quoted_of(excerpt: Excerpt) -> Quoted:
    """Return what is to be kept of an excerpt that was shown."""
    cited = excerpt.citation
    return Quoted(
        update_id=cited.update_id,
        revision=cited.revision,
        span=excerpt.span,
        source=cited.source,
        sha256=sha256_of(excerpt.text),
    )


class Standing(StrEnum):
    """How a quote stands now."""

    UNCHANGED = "unchanged"
    EDITED = "edited"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """A quote checked: against the revision that it cites (`proven`), and against what stands now.

    Of standings that hold at once the gravest is told: withdrawn, corrected, edited. UNKNOWN: nothing of that update
    is held, or the cited revision does not hold those words. `excerpt`: the quote as it stood.
    `changes`: what became of its sentences, in order; `now`: the new sentences, each citable. `grade`: what that
    matters; a quote that is withdrawn or corrected changed materially. `reads`: what of its sentences is still there,
    as they read now, neighbours together; `taken_back_by`: new sentences that doubt or correct it.
    `newest_revision` is above the quote's where the update was edited, be it elsewhere.
    """

    quoted: Quoted
    standing: Standing
    proven: bool = False
    excerpt: Excerpt | None = None
    newest_revision: int = 0
    changes: tuple[Change, ...] = ()
    now: tuple[Excerpt, ...] = ()
    corrected_by: tuple[Excerpt, ...] = ()
    grade: Grade = Grade.NONE
    reads: tuple[Excerpt, ...] = ()
    taken_back_by: tuple[Excerpt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What is new since a cursor or a time, and the cursor from which the next look goes on.

    `revised`: our numbers of those updates that were known before and say something else now.
    """

    answer: Answer
    cursor: int
    revised: tuple[int, ...] = ()


class Cause(StrEnum):
    """What happened to an update that may have been quoted."""

    REVISED = "revised"
    WITHDRAWN = "withdrawn"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """An update whose quotes may no longer hold: `citation` is its newest revision's that is no tombstone.

    `since`: the revision that stood before. `grade`: what the change of the whole text matters; of a quoted span it
    matters no more. `by`: the opening of the later update that corrects it.
    """

    citation: Citation
    cause: Cause
    since: int
    grade: Grade
    seen_at: datetime
    by: Excerpt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """What changes since a cursor affect, in order of sight, and the cursor from which the next look goes on.

    `updates`: our numbers of those that are new or say something materially else: what watches are held against.
    `pending`: passages without a vector yet; while there are any, what is near a watch may not be found.
    """

    affected: tuple[Affected, ...]
    updates: tuple[int, ...]
    cursor: int
    pending: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveBlogView:
    """One live blog as it can be chosen; `public` is its source's."""

    key: str
    title: str
    source: str
    updates: int
    newest_published_at: datetime | None
    closed: bool | None = None
    public: bool = True
