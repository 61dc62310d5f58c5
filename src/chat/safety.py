"""Messages that no model should answer: signs of an emergency or of an illness that words can worsen.

The answers (`prompts/safety_*.md`) are fixed, careful, and point to people who can help. The patterns would rather be
wrong once too often.
"""

import re
from typing import Final

from src.chat.prompt import load_fixed_text
from src.chat.reply import Reply
from src.vocabulary import CompanionMood

MODEL: Final = "safety"

_PAIN_WORDS = r"(pain|pressure|tight(ness)?|squeez\w*|burning|hurt\w*|ache|aching|discomfort)"
_MEAL_WORDS = r"(meals?|eat|eating|ate|food|breakfast|lunch|dinner)"
_FAINTED = r"(faint(ed|ing|s)?|pass(ed|ing)? out|black(ed|ing)? out|collaps(ed|ing))"
# What a workout may be ended with.
_FINISHER_WORDS = r"(stretch\w*|cool\w*|mobility|yoga|cardio|run|walk|jog|row|sprints?|sets?|core|abs|planks?|finisher)"
_ENDED_WITH = rf"(on|at|in|after|early|strong|well|slowly|with .{{0,20}}\b{_FINISHER_WORDS})"

# In the order of urgency: the first that fits decides. private.is_urgent in SQL has the same.
SIGNS: Final = {
    "self_harm": (
        r"\b(kill|hurt|harm|cut|cutting|starve|punish)(ing)? my ?self\b",
        r"\bsuicid",
        r"\bself[- ]?harm",
        r"\bend(ing)? (it all|my (own )?life)\b",
        rf"\b(want|wanna|going|like|ready|plan\w*|think\w*)( (to|about|of|on))? end(ing)? it\b(?! {_ENDED_WITH}\b)",
        r"\btak(e|ing) my own life\b",
        r"\b(to|of|about) tak(e|ing) my life\b(?! (back|to|in))",
        r"\boverdos\w*",
        r"\b(want|wish|going|like) to (die|be dead|disappear forever)\b",
        r"\bwish i (was|were) (dead|never born)\b",
        r"\bno (reason|point) (to|in) liv(e|ing)\b",
        r"\bbetter off (dead|without me)\b",
        r"\b(don'?t|do not|didn'?t) (want to|wanna) (live|exist|be alive|wake up|be here)\b",
    ),
    "heart": (
        rf"\b{_PAIN_WORDS}\b.{{0,25}}\b(in|on|across|of) (my |the )?(chest|heart)\b",
        r"\b(chest|heart)\b.{0,20}\b(pain\w*|hurt\w*|aches?|aching|pressure|tight\w*|squeez\w*|stabb\w*)\b",
        r"\bheart attack\b",
        r"\b(pain|numb\w*|tingling)\b.{0,20}\b(left arm|jaw)\b",
        r"\b(can'?t|cannot|can not|hard to|unable to|struggl\w+ to|trouble) breath",
        r"\bshort(ness)? of breath at rest\b",
    ),
    "fainting": (
        rf"\b(i|i've|have|almost|nearly|just|keep|kept) (\w+ )?{_FAINTED}\b",
        # "I got dizzy and fainted", "Fainted at the gym": not what befell somebody else.
        rf"\b(i|i'?ve|i'?m|got|felt)\b[^.!?\n]{{0,60}}(\band|\bthen|,) ((i|then|almost|nearly|just) )*{_FAINTED}\b",
        r"(^|[.!?\n])\W*((almost|nearly|just) )*(fainted|passed out|blacked out|collapsed)\b",
        r"\bfeel(ing)? (faint|like fainting|like passing out)\b",
        r"\blost consciousness\b",
    ),
    "eating": (
        r"\b(purg(e|ed|ing)|bulimi\w*|anorexi\w*|eating disorder|laxatives?|diet pills)\b",
        r"\b(mak(e|ing)|made) my ?self (throw up|vomit|sick|puke)\b",
        r"\b(throw|threw|throwing) up (after|what|my|on purpose|to lose)",
        rf"\b(vomit\w*|puk(e|ed|ing)|throw(ing)? up|threw up)\b.{{0,30}}\b{_MEAL_WORDS}\b",
        # "I stopped eating", and not "I stopped eating meat".
        r"\b(stopped|(want|going|like) to stop|wanna stop) eating(?=\s*([.,;!?\n]|$)"
        r"| (food|anything|altogether|completely|entirely|at all|since|to lose|for (\w+ )?days?)\b)",
        r"\bbing(e|ed|ing)\b.{0,30}\b(eat\w*|food|guilt\w*|purg\w*|again)\b",
        r"\b(haven'?t|have not|not) eaten (anything )?(for|in|since)\b.{0,20}\bday",
        r"\bstarv(e|ed|ing) (to|so|until|for)\b",
        r"\b(afraid|scared|terrified) (of|to) (eat|eating|food|gain\w*)\b",
        r"\b(don'?t|do not) deserve (to eat|food)\b",
        r"\b(burn|work|run|train) off (everything|all|what) i('ve)? (ate|eat|eaten)\b",
    ),
}
_PATTERNS: Final = {name: re.compile("|".join(signs), re.IGNORECASE) for name, signs in SIGNS.items()}


def safety_response(message: str) -> Reply | None:
    """The fixed answer to a message with a red flag; None when there is none."""
    # An apostrophe is typed in several ways.
    plain = message.replace("\u2019", "'")
    for name, signs in _PATTERNS.items():
        if signs.search(plain):
            return Reply(reply=load_fixed_text(f"safety_{name}"), mood=CompanionMood.CONCERNED)
    return None
