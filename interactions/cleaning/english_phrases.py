"""Phrases of English service messages whose words say something else, or nothing, each by itself.

"The refund never came" holds no word of feeling; "couldn't be happier" holds a denied one. Each pattern of
english_phrases.txt carries a valence on VADER's scale (-4 to 4).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from interactions.cleaning.pattern_beginnings import DIGIT, LENGTH, alternatives, beginnings
from interactions.cleaning.word_lists import sections

_MARK = "\x01"  # a control sign: in no message that means anything, and plain ASCII, which is fast to search


def _pattern(words: Sequence[str]) -> str:
    """Alternatives as a regular expression; those inside brackets may be parted by blanks just as well."""
    joined = "|".join(words).replace("(?:|", "(?:").replace("|)", ")").replace("||", "|")
    for name, meant in _NAMED.items():
        joined = joined.replace(f"{{{name}}}", meant)
    return joined.replace("_", " +")


_SECTIONS = sections("english_phrases")
_NAMED = {name: f"(?:{'|'.join(words)})" for name, words in _SECTIONS.items() if name.isalpha()}
_PATTERNS = [(float(head), _pattern(words)) for head, words in _SECTIONS.items() if not head.isalpha()]


def _name(number: int) -> str:
    return f"{_MARK}{number}" if _PATTERNS[number][0] else f"{_MARK}-"


# What stands for a phrase in the text that VADER reads, with its valence; those of none are no word of it.
VALENCES = {_name(number): valence for number, (valence, _) in enumerate(_PATTERNS) if valence}


def _by_beginning() -> dict[str, list[tuple[int, str]]]:
    """The patterns that may match where a word begins so, in their order, with their places in _PATTERNS."""
    each = [(number, one) for number, (_, pattern) in enumerate(_PATTERNS) for one in alternatives(pattern)]
    begun = [beginnings(one) for _, one in each]
    # What leaves its third letter open is tried at all words that begin with its two.
    return {
        beginning: [one for one, its in zip(each, begun, strict=True) if beginning in its or beginning[:-1] in its]
        for beginning in sorted(set().union(*begun))
    }


_BY_BEGINNING = _by_beginning()


@cache
def _patterns(beginning: str) -> tuple[re.Pattern[str], tuple[int, ...]]:
    """The patterns of a beginning as one, where lastindex - 1 is the place of what matched in the numbers beside it."""
    numbers, patterns = zip(*_BY_BEGINNING[beginning], strict=True)
    return re.compile("(?:" + "|".join(f"{one}()" for one in patterns) + r")(?![\w'])"), numbers


_WORD = re.compile(r"[\w']+")
_SHORT = re.compile(
    r"\b(ca|wo|do|does|did|is|was|are|were|has|have|had|could|would|should)n['’]?t\b|\b(can)not\b", re.I
)
# Sentences run on without a blank, names of those spoken to, hash signs; and the mark, which is ours.
_RUN_ON = re.compile(r"(?<=[A-Za-z])([.,!?;:…]+|/)(?=[A-Za-z])")
_MARKS = re.compile(r"([!?.,])\1{3,}")  # VADER knows no longer runs
_ADDRESSED = re.compile(rf"(?<!\w)@\w+|https?://\S+|[#{_MARK}]")
_LONG = {"ca": "can", "wo": "will"}
# What a text must hold for one of these to match; most hold none, and to look for it takes a tenth of the time.
_OF_SHORT = re.compile(r"[nN](?:['’]?[tT]\b|[nN][oO][tT]\b)")
_OF_RUN_ON = re.compile(r"[.,!?;:…/][A-Za-z]")


def with_phrases(text: str) -> tuple[str, list[str]]:
    """The text with contracted denials written out and each phrase as one word of `VALENCES`; and the phrases that have
    a valence, as written, in order."""
    full = _written_out(text)
    lower = full.lower()
    if len(lower) != len(full):  # a letter such as İ: no place would fit
        full = lower
    parts: list[str] = []
    said: list[str] = []
    done = 0
    for begin, end, name in _phrases(lower):
        parts += [full[done:begin], " ", name, " "]
        done = end
        if name in VALENCES:
            said.append(full[begin:end])
    return "".join([*parts, full[done:]]) if parts else full, said


def is_plain(word: str) -> bool:
    """Whether a word of letters by itself is no phrase, nor a denial that would be written out."""
    lower = word.lower()
    begun = lower[:LENGTH] in _BY_BEGINNING or lower[: LENGTH - 1] in _BY_BEGINNING
    return not begun and not lower.endswith(("nt", "not"))


def _written_out(text: str) -> str:
    if "@" in text or "#" in text or "://" in text or _MARK in text:
        text = _ADDRESSED.sub(" ", text)
    if "!!!!" in text or "...." in text or "????" in text or ",,,," in text:
        text = _MARKS.sub(r"\1\1\1", text)
    if _OF_RUN_ON.search(text) is not None:
        text = _RUN_ON.sub(r"\1 ", text)
    return _SHORT.sub(_denial, text) if _OF_SHORT.search(text) is not None else text


def _phrases(lower: str) -> Iterator[tuple[int, int, str]]:
    """Where phrases stand, none within another, with their names."""
    done = 0
    for word in _WORD.finditer(lower):
        begin = word.start()
        beginning = lower[begin : begin + LENGTH]
        if beginning not in _BY_BEGINNING:
            beginning = DIGIT if beginning[0].isdecimal() else beginning[:-1]
            if beginning not in _BY_BEGINNING:
                continue
        if begin < done:
            continue
        pattern, numbers = _patterns(beginning)
        found = pattern.match(lower, begin)
        if found is not None and found.lastindex is not None:
            done = found.end()
            yield begin, done, _name(numbers[found.lastindex - 1])


def _denial(found: re.Match[str]) -> str:
    verb = (found.group(1) or found.group(2)).lower()
    return f"{_LONG.get(verb, verb)} not"
