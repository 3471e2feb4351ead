"""What of an update is quoted in a digest: one or two whole sentences with all they need, or a list as far as it goes.

Pure; every quote is a slice of its revision. A greeting, a sign-off and what only announces a quote are left out.
"""

import re
from collections.abc import Mapping

from index import excerpt
from index.asked import asked
from index.evidence import Candidate, gather
from index.rank import Ranked
from index.sources.wording import is_call, is_sign_off, says_closed
from index.terms import words
from index.text import sentences
from index.types import Citation, Excerpt, Kind, Revision, Span
from index.wording import content, counted

# A quote of two sentences that is read in one glance.
_GLANCE_CHARS = 300
_LEADS = 4
_SHORT_WORDS = 6
_ANNOUNCES = (":", "?", "…", "...")
_ENDS = re.compile(r"[.!?…:;,][\"'”’»)\]]*$")
_GREETS = re.compile(
    r"\b(?:(?:that(?:['’]s| is)|this is) (?:all|it)\b.{0,20}\b(?:from|for) (?:me|us|today|tonight|now)|(?:thanks|thank you) for (?:reading|following|"
    r"joining)|(?:i(?:['’]m| am)|we(?:['’]re| are)) (?:handing|signing|logging) (?:over|off)|"
    r"(?:good (?:morning|afternoon|evening|night)|hello|welcome)\b.{0,60}\b(?:blog|coverage|page|ticker|updates)|"
    r"(?:stay with us|join us|goodnight|good night)|(?:danke|vielen dank) fürs? (?:mitlesen|lesen)|das war(?:['’]s| es)? (?:für heute|von)|"
    r"merci de (?:nous )?(?:avoir )?(?:suivi|lu)|gracias por (?:seguir|leer)|дякуємо, що|спасибо, что|на (?:этом|цьому) (?:все|всё|усе))",
    re.IGNORECASE,
)
# The heading of an entry that tells again what others have told.
_SUMS_UP = re.compile(
    r"what (?:you|we|to|i) (?:need |have )?(?:to )?(?:know|learn\w*)|where (?:do )?things stand|(?:story|day|night|morning|evening|week|news|events) so far|"
    r"at a glance|\b(?:summary|recap|round-?up|wrap-?up)\b|key (?:points|takeaways|developments|events)|"
    r"das wichtigste|zusammenfassung|(?:die )?lage im überblick|ce (?:qu['’]il faut|que l['’]on sait)|le point (?:sur|à)|"
    r"lo que (?:se sabe|sabemos|hay que)|\bresumen\b|що (?:відомо|потрібно знати)|что (?:известно|нужно знать)|\b(?:головне|підсумки|главное|итоги)\b",
    re.IGNORECASE,
)
_HEADING_CHARS = 100


def sums_up(revision: Revision) -> bool:
    """Tell an update that sums up earlier ones without being marked as key points, by its heading."""
    heading = (revision.title or revision.text.partition("\n")[0])[:_HEADING_CHARS]
    return revision.kind is Kind.UPDATE and _SUMS_UP.search(heading) is not None


def opening(revision: Revision, citation: Citation) -> Excerpt:
    """Quote the points of a summary, as many as may stand in one quote."""
    spans = sentences(revision.text)
    within = [span for span in spans if span.end <= excerpt.LIMIT_CHARS] or list(spans[:1])
    while len(within) > 1 and _announces(revision, within[-1]):
        within.pop()
    return sliced(revision, citation, 0, within[-1].end)


def at_a_glance(revision: Revision, citation: Citation, about: Mapping[str, int]) -> Excerpt:
    """Quote the sentence that leads, and what follows it where both are read in one glance.

    `about`: how often each stem of what the matter's updates are about stands in them.
    """
    spans = sentences(revision.text)
    place = _lead(revision, spans, about)
    first = quoted(revision, citation, place)
    start, end = first.span.start, first.span.end
    following = [n for n in range(place + 1, len(spans)) if spans[n].start >= end]
    for n in following:
        second = quoted(revision, citation, n).span
        if _is_idle(revision, spans[n]) or max(end, second.end) - min(start, second.start) > _GLANCE_CHARS:
            break
        start, end = min(start, second.start), max(end, second.end)
        if not _is_line(revision, spans[n]):
            break
    while (last := _last(spans, end)).start > start and _announces(revision, last):
        end = max(span.end for span in spans if span.end < last.end)
    return sliced(revision, citation, start, end)


def quoted(revision: Revision, citation: Citation, place: int) -> Excerpt:
    """Quote the sentence at a place, with what it needs beside it to be understood and to stay true."""
    candidate = Candidate(revision=revision, citation=citation, spans=(), similarities=())
    evidence = gather(candidate, asked("", ()))
    scores = tuple(float(n == place) for n in range(len(evidence.sentences)))
    span = excerpt.choose(Ranked(evidence=evidence, score=1.0, sentence_scores=scores))
    return sliced(revision, citation, span.start, span.end)


def sliced(revision: Revision, citation: Citation, start: int, end: int) -> Excerpt:
    """Quote a stretch of a revision."""
    return Excerpt(text=revision.text[start:end], span=Span(start=start, end=end), citation=citation, score=1.0)


def _lead(revision: Revision, spans: tuple[Span, ...], about: Mapping[str, int]) -> int:
    """Return the place of the sentence to quote: early, whole, and on what the matter's updates share."""
    texts = [revision.text[span.start : span.end] for span in spans]
    leads = [n for n in range(len(spans)) if not _is_idle(revision, spans[n])][:_LEADS] or [0]
    most = max((sum(about.get(word, 0) for word in content(texts[n])) for n in leads), default=0) or 1

    def worth(rank: int) -> float:
        text = texts[leads[rank]]
        short = len(words(text)) < _SHORT_WORDS
        shared = sum(about.get(word, 0) for word in content(text)) / most
        return 0.5 * shared + 0.15 * bool(counted(text)) - 0.25 * rank - short

    return leads[max(range(len(leads)), key=worth)]


def _last(spans: tuple[Span, ...], end: int) -> Span:
    return max((span for span in spans if span.end <= end), key=lambda span: span.end)


def _is_idle(revision: Revision, span: Span) -> bool:
    """Tell a sentence that reports nothing: it announces, asks, greets, signs off or sends the reader elsewhere."""
    text = revision.text[span.start : span.end].strip()
    return (
        _announces(revision, span)
        or is_sign_off(text)
        or is_call(text)
        or says_closed(text)
        or _GREETS.search(text) is not None
    )


def _announces(revision: Revision, span: Span) -> bool:
    return revision.text[span.start : span.end].rstrip().endswith(_ANNOUNCES)


def _is_line(revision: Revision, span: Span) -> bool:
    """Tell a line of a list or a table, which has no stop at its end, from a sentence."""
    text = revision.text
    has_own_line = text[: span.start].rstrip(" ").endswith("\n") and text[span.end :].lstrip(" ")[:1] in ("", "\n")
    return has_own_line and _ENDS.search(text[span.start : span.end]) is None
