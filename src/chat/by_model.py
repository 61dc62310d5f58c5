"""A turn that a model answers: it looks things up with the tools, and every number that it says needs a source."""

import json
from typing import Any, Final

from pydantic import BaseModel

from src.ai.provider import Generated, ModelTool, Prompt, Rejected
from src.chat.actions import resolve_action
from src.chat.composed import Composed
from src.chat.context import Context
from src.chat.numbers import cut_unproven, shares_number, unproven_numbers
from src.chat.phrases import say
from src.chat.prompt import prompt_text, system_text
from src.chat.reply import NewMemory, Reply
from src.chat.safety.pain import urges_through_pain, without_urging
from src.chat.schemas import Action
from src.chat.tools.registry import TOOLS
from src.chat.tools.tool import Receipt, Tool, ToolAnswer
from src.chat.tools.toolbox import Toolbox
from src.core.schema import clean
from src.memories.learning.checking import check_learned
from src.memories.learning.hearing import hear
from src.memories.learning.statements import Statement
from src.vocabulary import AnswerFinish, EvidenceKind

_MAX_EVIDENCE: Final = 50
_MAX_ACTIONS: Final = 5


class ModelTurn:
    """The prompt for one message, and what becomes of its answer."""

    def __init__(self, context: Context, toolbox: Toolbox) -> None:
        self._context = context
        self._toolbox = toolbox
        self._data = prompt_text(context)
        self._answers: list[ToolAnswer] = []
        self._was_corrected = False
        # What the message tells binds the tools that it asks: it is not in the database yet.
        heard = hear(context.message, context.memories, toolbox.language, today=toolbox.today)
        toolbox.told = tuple(fact for statement in heard.statements for fact in statement.facts)

    def prompt(self) -> Prompt[Reply]:
        """Rules, data, tools, and the check of numbers."""
        return Prompt(
            system=system_text(self._context.state.affinity.score),
            user=self._data,
            output=Reply,
            # Without a model there is no such turn.
            rule_based=lambda: Reply(reply="…"),
            check=self._check,
            tools=[self._offered(tool) for tool in TOOLS.values()],
        )

    def compose(self, generated: Generated[Reply]) -> Composed:
        """What is kept: the text without unproven numbers, with what proves the others."""
        reply = generated.value
        proven = cut_unproven(reply.reply, self._sources())
        text = clean(without_urging(proven)) or say("talk.cut", self._toolbox.language)
        return Composed(
            text,
            reply.mood,
            self._evidence(reply, text),
            self._actions(reply),
            self._statements(reply),
            generated.model,
            AnswerFinish(generated.finish),
            generated.usage,
        )

    def _offered(self, tool: Tool[Any]) -> ModelTool:
        async def call(arguments: BaseModel) -> dict[str, Any]:
            answer = await tool.call(arguments, self._toolbox)
            self._answers.append(answer)
            return answer.data

        return ModelTool(tool.name, tool.description, tool.Arguments, call)

    def _check(self, reply: Reply) -> None:
        """Raises Rejected once for numbers without a source, or for urging through pain; afterwards that is cut."""
        if self._was_corrected:
            return
        unproven, urging = unproven_numbers(reply.reply, self._sources()), urges_through_pain(reply.reply)
        self._was_corrected = bool(unproven or urging)
        if urging:
            raise Rejected("`reply` urges the person to train through pain: advise to stop what hurts instead.")
        if not unproven:
            return
        raise Rejected(
            f"These numbers of `reply` are neither in the data nor in a tool's answer: {', '.join(unproven[:10])}. "
            "Look them up with a tool, or answer without them."
        )

    def _sources(self) -> list[str]:
        return [
            self._data,
            *(json.dumps(answer.data, ensure_ascii=False) for answer in self._answers),
            *self._receipt_texts(),
        ]

    def _receipt_texts(self) -> list[str]:
        return [receipt.value for answer in self._answers for receipt in answer.receipts]

    def _evidence(self, reply: Reply, text: str) -> tuple[Receipt, ...]:
        """What the model names, and what has a number of the text."""
        sources = self._context.sources()
        named = [sources[ref] for ref in dict.fromkeys(reply.used) if ref in sources]
        shown = [
            source for source in sources.values() if source not in named and source.kind is not EvidenceKind.MEMORY
        ]
        proving = [source for source in shown if shares_number(text, source.text)]
        receipts = [
            receipt
            for answer in self._answers
            for receipt in answer.receipts
            if receipt.value in text or shares_number(text, receipt.value)
        ]
        from_context = [Receipt(source.kind, source.id, source.text, source.text) for source in [*named, *proving]]
        return tuple(dict.fromkeys([*from_context[: len(named)], *receipts, *from_context[len(named) :]]))[
            :_MAX_EVIDENCE
        ]

    def _actions(self, reply: Reply) -> tuple[Action, ...]:
        offered = [action for item in reply.actions if (action := resolve_action(item, self._context))]
        looked_up = [action for answer in self._answers for action in answer.actions]
        kinds = {action.kind for action in offered}
        return tuple([*offered, *(action for action in looked_up if action.kind not in kinds)][:_MAX_ACTIONS])

    def _statements(self, reply: Reply) -> tuple[Statement, ...]:
        """What the person's own words bear out, by the same guards as without a model."""
        context, language = self._context, self._toolbox.language
        learned = [self._statement(memory) for memory in reply.memories]
        return tuple(check_learned(learned, context.message, context.memories, language, today=self._toolbox.today))

    def _statement(self, memory: NewMemory) -> Statement:
        replaced = self._context.sources().get(memory.replaces or "")
        is_memory = replaced is not None and replaced.kind is EvidenceKind.MEMORY
        return Statement(
            memory.kind,
            memory.content,
            memory.quote,
            memory.salience,
            replaces=replaced.id if replaced is not None and is_memory else None,
        )
