"""Whether an answer follows a rule, in a line each; sentences by NLTK's own class."""

import string
from collections.abc import Callable

from nltk.tokenize.punkt import PunktSentenceTokenizer

from podium_evaluator.datasets.base import InstructionSample


def words(text: str) -> list[str]:
    return text.lower().translate(str.maketrans("", "", string.punctuation)).split()


def sentences(text: str) -> int:
    return len(PunktSentenceTokenizer().tokenize(text))


def bullets(text: str) -> int:
    return sum(line.lstrip()[:1] == "*" for line in text.splitlines())


FOLLOWS: dict[str, Callable[..., bool]] = {
    "WordCountAtMost": lambda text, most: len(text.split()) <= most,
    "WordCountAtLeast": lambda text, least: len(text.split()) >= least,
    "SentenceCountAtMost": lambda text, most: sentences(text) <= most,
    "SentenceCountAtLeast": lambda text, least: sentences(text) >= least,
    "AllUpperCase": lambda text: text.isupper(),
    "AllLowerCase": lambda text: text.islower(),
    "NoCommas": lambda text: "," not in text,
    "KeywordInclusion": lambda text, word: word.lower() in words(text),
    "KeywordFrequency": lambda text, word, times: words(text).count(word.lower()) == times,
    "KeywordForbidden": lambda text, word: word.lower() not in words(text),
    "BulletCountFrequency": lambda text, times: bullets(text) == times,
    "EndsWith": lambda text, ending: text.lower().endswith(ending.lower()),
    "Quotation": lambda text: text[:1] == '"' == text[-1:],
}


def answer_score(sample: InstructionSample, answer: int, text: str) -> float:
    """0 for an answer that follows all rules, 1 for one that follows none."""
    followed = [FOLLOWS[rule.name](text, *rule.arguments[answer]) for rule in sample.rules]
    return 1 - (sum(followed) / len(followed)) ** 2
