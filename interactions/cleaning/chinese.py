"""How a Chinese customer message feels, by a lexicon of our own and rules that add it up.

Each word of the lexicon (chinese_words.txt) carries a strength of 1 to 3; chinese_rules.txt says what bears on it. A
word of degree before or after it strengthens or weakens it; a negation turns praise into complaint at nine tenths of
its strength, quotation marks round it at six, a negation of a complaint makes half as much praise; what a company
should do (送到, 回复 ...) is a complaint where it is said not to happen. 高, 大, 多 ... are good or bad by what they
are said of. Praise that is asked, wished or supposed (吗, 希望, 以为 ...) hardly counts, and what stands after a
turning word (但是 ...) counts for more than what is before it.
The sum s becomes s / sqrt(s * s + 15), VADER's way to [-1, 1], and so adds up with English valences.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from interactions.cleaning.word_lists import sections

_RULES = sections("chinese_rules")
NEGATIONS = frozenset(_RULES["negations"])
DEGREES = {word: float(head.split()[1]) for head, words in _RULES.items() if head[:6] == "degree" for word in words}
TURNS = frozenset(_RULES["turns"])
_AFTERWARDS = frozenset(_RULES["afterwards"])
# Praise in a clause with one of these is wished, supposed, promised or compared with, not given.
_SUPPOSED = frozenset(_RULES["supposed"])
_CONCEDED = frozenset(_RULES["conceded"])
_RHETORICAL = frozenset(_RULES["rhetorical"])
_ONLY_PAST = frozenset(_RULES["only past"])
_NO_ACT_MISSING = frozenset(["别", "莫", "勿", "不用", "无需", "不需要", "不必"])
_OF_NOTHING = {"低": -0.5, "小": -0.5, "多": 0.3, "少": -1.0, "热": 0.3}
# Good (+) or bad (-) by what they are said of.
_OF = {
    head[0]: {word: float(also[5:]) for also, words in _RULES.items() if also[:5] == f"{head[0]} of " for word in words}
    for head in _RULES
    if head[1:5] == " of "
}
_ENDS = frozenset("，。！？；、,.!?;\n~…（）()：:")
_BREAKS = _ENDS | TURNS
_QUESTION_ENDS = frozenset("？?")
_ASKING = frozenset(["吗", "么", "嘛", "呢"])
_PREFIXES = "不没太很挺真超最未好"
_REACH = 5  # words before a feeling in which negations and degrees bear on it
_PRAISE_DENIED, _COMPLAINT_DENIED, _ACT_MISSING = -0.9, -0.5, -1.75
# 服务“真好”: what is praised in quotation marks rather is not.
_PRAISE_QUOTED = -0.6
_QUOTES = {("“", "”"), ('"', '"'), ("「", "」"), ("『", "』"), ("‘", "’"), ("”", "“")}
_MILD = 1.0
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")

Token = str | float


_WORDS = sections("chinese_words")
ACTS = frozenset(_WORDS["acts"])
# Strengths, 0 for what only looks like feeling.
LEXICON = {word: float(head) for head, words in _WORDS.items() if head != "acts" for word in words}
# How a word of several tokens may begin.
_BEGINNINGS = frozenset(word[:length] for word in (*LEXICON, *ACTS) for length in range(1, len(word)))
# Only from such a token on is anything felt; all others are passed over.
_FELT = frozenset([*_BEGINNINGS, *LEXICON, *ACTS, *_OF])
_KNOWN = frozenset([*LEXICON, *ACTS, *DEGREES, *NEGATIONS, *TURNS, *_OF])
_LONGEST = max(map(len, LEXICON))
_BEARING = _SUPPOSED | _CONCEDED | _RHETORICAL | _ASKING
_BEARERS = NEGATIONS | DEGREES.keys()
_BEGIN_AFTERWARDS = frozenset(word[:length] for word in _AFTERWARDS for length in range(1, len(word) + 1))
Hit = tuple[int, int, float]


def chinese_sentiment(words: Sequence[Token]) -> float:
    """Feeling of a segmented Chinese text, from -1 to 1; 0 when no word of the lexicon is in it."""
    found = chinese_strength(words)
    return found / math.sqrt(found * found + 15)


def chinese_strength(words: Sequence[Token]) -> float:
    """The sum behind `chinese_sentiment`, without bounds. A number among the words is the strength of a span that
    stands there (an English one, say): negations and degrees before it bear on it as on any word."""
    return math.fsum(strength for _, _, strength in chinese_hits(words))


def chinese_hits(words: Sequence[Token]) -> list[tuple[int, int, float]]:
    """What `chinese_strength` is the sum of: (first token, one past the last, contribution) in the order of the text.

    Places are those of `words`.
    """
    tokens, places = _expanded(words)
    felt = [place for place, token in enumerate(tokens) if token in _FELT or not isinstance(token, str)]
    if not felt:
        return []
    clauses = [(turn, _weighed(tokens, begin, end)) for begin, end, turn in _clauses(tokens, felt)]
    if not any(hits for _, hits in clauses):
        return []
    emphasis = 1 + 0.1 * min(tokens.count("！") + tokens.count("!"), 3)
    after = clauses[-1][0]
    turned = any(turn < after and hits for turn, hits in clauses)
    found = []
    for turn, hits in clauses:
        weight = emphasis * ((1.25 if turn == after else 0.5) if turned else 1.0)
        found += [(places[first], places[last - 1] + 1, weight * strength) for first, last, strength in hits]
    return found


def _expanded(words: Sequence[Token]) -> tuple[Sequence[Token], Sequence[int]]:
    """The words, those that the segmentation left joined parted; and the place of each in `words`."""
    parted = {
        place: parts
        for place, word in enumerate(words)
        if word not in _KNOWN and isinstance(word, str) and len(word) > 1 and len(parts := _parts(word)) > 1
    }
    if not parted:
        return words, range(len(words))
    tokens: list[Token] = []
    places: list[int] = []
    for place, word in enumerate(words):
        those: Sequence[Token] = parted.get(place) or (word,)
        tokens += those
        places += [place] * len(those)
    return tokens, places


def _parts(word: str) -> tuple[str, ...]:
    """A word that nothing is known about: a negation or degree and the rest, or words within, or as it is."""
    if word[0] in _PREFIXES and word[1:] in _KNOWN:
        return word[0], word[1:]
    if len(word) == 2 or not _HAN.match(word):
        return (word,)
    for length in range(min(len(word) - 1, _LONGEST), 1, -1):
        for start in range(len(word) - length + 1):
            if LEXICON.get(word[start : start + length]):
                parts = (word[:start], word[start : start + length], word[start + length :])
                return tuple(part for part in parts if part)
    return (word,)


def _clauses(tokens: Sequence[Token], felt: Sequence[int]) -> list[tuple[int, int, int]]:
    """Stretches between two marks where there may be a feeling, and the last one: (first token, one past the last, how
    many turning words are before them). `felt`: the places from which on something may be felt, in order."""
    clauses = []
    begin = turn = passed = 0
    for place in [place for place, token in enumerate(tokens) if token in _BREAKS]:
        if passed < len(felt) and felt[passed] < place:
            clauses.append((begin, place, turn))
            while passed < len(felt) and felt[passed] < place:
                passed += 1
        begin = place + 1
        turn += tokens[place] in TURNS
    return [*clauses, (begin, len(tokens), turn)]


def _weighed(tokens: Sequence[Token], begin: int, end: int) -> list[Hit]:
    """What is felt in a clause, by what kind of clause it is."""
    hits = _hits(tokens, begin, end)
    if not hits:
        return hits
    said = _BEARING.intersection(tokens[begin:end])
    asked = (end < len(tokens) and tokens[end] in _QUESTION_ENDS) or not said.isdisjoint(_ASKING)
    if not said and not asked:
        return hits
    praise = complaint = 1.0
    if not said.isdisjoint(_SUPPOSED):
        praise = 0.25
    mild = 0.0
    if asked and said.isdisjoint(_RHETORICAL):
        praise, complaint = min(praise, 0.3), 0.8
        mild = _MILD
    if not said.isdisjoint(_CONCEDED):
        praise, complaint = praise * 0.6, complaint * 0.6
    # 可以修改吗 praises nothing.
    weights = [praise * (strength > mild) if strength > 0 else complaint for _, _, strength in hits]
    return [(first, last, strength * weight) for (first, last, strength), weight in zip(hits, weights, strict=True)]


def _hits(tokens: Sequence[Token], begin: int, end: int) -> list[Hit]:
    found: list[Hit] = []
    start = place = begin
    while place < end:
        if tokens[place] not in _FELT and isinstance(tokens[place], str):
            place += 1
            continue
        length, word, strength = _feeling(tokens, place, begin, end)
        if word in _OF:
            # 噪音 by itself is a complaint, in 噪音小 it is what is said to be small.
            noun = _said_of(tokens, place, begin)[1]
            # It is within reach: none but the last few hits can be it.
            found[-_REACH:] = [hit for hit in found[-_REACH:] if hit[0] != noun]
        if strength or word in ACTS:
            strength = _borne(tokens, max(start, place - _REACH), place, word, strength)
        if word in NEGATIONS:
            # Said alone it is a grievance (还没 ...); before a feeling it is what bears on that.
            if strength and not _more(tokens, place + length, begin, end):
                found.append((place, place + length, strength))
        elif strength:
            after = place + length
            length += _afterwards(tokens, after, end)
            strength *= 1.4 if place + length > after else 1.0
            if strength > 0 and begin < place and after < end and (tokens[place - 1], tokens[after]) in _QUOTES:
                strength *= _PRAISE_QUOTED
            found.append((place, place + length, strength))
            start = place + length
        elif word in LEXICON and word not in DEGREES:
            start = place + length
        place += length
    return found


def _more(tokens: Sequence[Token], place: int, begin: int, end: int) -> bool:
    """Whether a feeling, or an act of the company, follows within reach."""
    for later in range(place, min(place + _REACH, end)):
        _, word, strength = _feeling(tokens, later, begin, end)
        if strength or word in ACTS:
            return True
    return False


def _feeling(tokens: Sequence[Token], place: int, begin: int, end: int) -> tuple[int, str, float]:
    """How many tokens from `place` on make a word of the lexicon, the word, and its strength."""
    token = tokens[place]
    if not isinstance(token, str):
        return 1, "", token
    joined, best = token, (1, token, LEXICON.get(token, 0.0))
    if token in _OF and not best[2]:
        best = (1, token, _said_of(tokens, place, begin)[0])
    if token not in _BEGINNINGS:
        return best
    for after in range(place + 1, end):
        part = tokens[after]
        if not isinstance(part, str):
            break
        joined += part
        if joined not in _FELT:
            break
        if joined in LEXICON:
            best = (after + 1 - place, joined, LEXICON[joined])
        elif joined in ACTS:
            best = (after + 1 - place, joined, 0.0)
    # 态度好差: the 好 says how bad it is, not that it is good.
    behind = place + best[0]
    if best[0] > 1 and tokens[behind - 1] == "好" and behind < end and _complains(tokens[behind]):
        return 1, token, LEXICON.get(token, 0.0)
    return best


def _complains(token: Token) -> bool:
    return isinstance(token, str) and LEXICON.get(token, 0.0) < 0


def _said_of(tokens: Sequence[Token], place: int, begin: int) -> tuple[float, int]:
    """What 高, 大 ... at `place` is worth, and the place of what it is said of (its own where that is unknown)."""
    word = tokens[place]
    assert isinstance(word, str)
    of = _OF[word]
    for before in range(place - 1, max(begin, place - _REACH) - 1, -1):
        noun = tokens[before]
        if isinstance(noun, str) and noun in of:
            return of[noun], before
    if place > begin and tokens[place - 1] in ("太", "偏", "too"):
        return -1.0, place
    return _OF_NOTHING.get(word, 0.0), place


def _borne(tokens: Sequence[Token], start: int, place: int, word: str, strength: float) -> float:
    """The strength of a word once the negations and degrees between `start` and `place` have borne on it."""
    if _BEARERS.isdisjoint(tokens[start:place]):
        return strength
    denied = False
    factor = 1.0
    said = ""
    for token in tokens[start:place]:
        if token in NEGATIONS:
            denied, said = not denied, str(token)
        elif isinstance(token, str):
            factor *= DEGREES.get(token, 1.0)
    if not denied:
        return strength * factor
    if word in ACTS and said in tokens[max(start, place - 3) : place] and _is_missing(word, said, tokens[place - 1]):
        return _ACT_MISSING * min(factor, 1.5)
    weak = 0.6 if said in ("不太", "不怎么", "不大", "不甚") else 1.0
    return strength * factor * weak * (_PRAISE_DENIED if strength > 0 else _COMPLAINT_DENIED)


def _is_missing(act: str, negation: str, before: Token) -> bool:
    """Whether the negation says that a company did not do what it should: 没到 does, 不放 may be a wish."""
    if negation in _NO_ACT_MISSING:
        return False
    return len(act) > 1 or (negation in _ONLY_PAST and before == negation)


def _afterwards(tokens: Sequence[Token], place: int, end: int) -> int:
    """How many tokens from `place` on say that the feeling before them is strong: 极了, 得很 ..."""
    if place >= end or tokens[place] not in _BEGIN_AFTERWARDS:
        return 0
    joined = ""
    for length in (1, 2, 3):
        if place + length > end:
            return 0
        joined += str(tokens[place + length - 1])
        if joined in _AFTERWARDS:
            return length
    return 0
