"""`poe fit-intents`: fits the weights of src/chat/intents to its examples, by ridge regression."""

import numpy as np

from src.ai.sentence_encoder import encode
from src.chat.intents.catalogue import load, unmarked
from src.chat.intents.chooser import WEIGHTS
from src.chat.intents.features import features, intents
from src.chat.intents.spelling import without_accents, written_out
from src.language.language import Language

# How strongly large weights are punished: the value with the most right answers when each example is left out in turn.
RIDGE = 0.3


def samples() -> tuple[np.ndarray, np.ndarray]:
    """The features of every example, as it stands and then as it is typed in a hurry, and which intent it has."""
    written = [
        (written_out(text, language), language, intent)
        for language in Language
        for intent, texts in load(language).examples.items()
        for text in texts
    ]
    marked = written + [(_typed(text), language, intent) for text, language, intent in written]
    meanings = encode([unmarked(text, language) for text, language, _ in marked])
    rows = [features(text, meaning, language) for (text, language, _), meaning in zip(marked, meanings, strict=True)]
    names = intents()
    return np.array(rows), np.array([names.index(intent) for _, _, intent in marked])


def _typed(text: str) -> str:
    """Without capitals, accents and question marks."""
    return without_accents(text).casefold().strip(" ?¿!¡.")


def fit(rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """A row of weights for each intent."""
    wanted = np.eye(len(intents()))[labels]
    kernel = rows @ rows.T + RIDGE * np.eye(len(rows))
    weights: np.ndarray = (rows.T @ np.linalg.solve(kernel, wanted)).T
    return weights


def left_out_scores(rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The scores of each example by weights that were fitted to all others, its other spelling left out too."""
    wanted = np.eye(len(intents()))[labels]
    inverse = np.linalg.inv(rows @ rows.T + RIDGE * np.eye(len(rows)))
    pairs = np.arange(len(rows)).reshape(2, -1).T
    blocks = inverse[pairs[:, :, None], pairs[:, None, :]]
    scores: np.ndarray = wanted.copy()
    scores[pairs] -= np.linalg.solve(blocks, (inverse @ wanted)[pairs])
    return scores


def main() -> None:
    """Writes the weights, and says how well each example is chosen by the others."""
    rows, labels = samples()
    np.save(WEIGHTS, fit(rows, labels).astype("float16"))
    scores = left_out_scores(rows, labels)
    right = scores.argmax(axis=1) == labels
    print(f"{len(rows)} examples of {len(intents())} intents; left out, {right.mean():.1%} are chosen right")
    for least in (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5):
        clear = scores.max(axis=1) >= least
        print(f"  from {least:.2f} on: {clear.mean():.1%} answered, {right[clear].mean():.1%} of them right")


if __name__ == "__main__":
    main()
