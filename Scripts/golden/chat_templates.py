"""Writes Tests/ChatTemplatesTests/Golden/*.json: what Python's Jinja2, set up as transformers sets
it up, makes of templates.

    language.json       small templates for every part of the language (templates are in the file)
    conversations.json  the project's own chat templates, in chat_templates/, with conversations
    models.json         templates of published models with the same conversations; the templates
                        are not part of the project and lie in LACONIC_DATA/chat_templates

A case has the text, or the class of the error and its message.

    python -m venv .venv && .venv/bin/pip install transformers==5.23.0 jinja2==3.1.6
    LACONIC_DATA=../shared/data .venv/bin/python Scripts/golden/chat_templates.py
"""

import datetime
import json
import os
import pathlib

from transformers.utils import chat_template_utils as reference

from chat_template_cases import CASES, CONVERSATIONS, VARIABLES

HERE = pathlib.Path(__file__).parent
TARGET = HERE.parent.parent / "Tests/ChatTemplatesTests/Golden"
DATA = pathlib.Path(os.environ.get("LACONIC_DATA", "../shared/data")) / "chat_templates"
TOKENS = {"bos_token": "<s>", "eos_token": "</s>"}


class FixedClock(datetime.datetime):
    """The clock of all cases; the tests have the same."""

    @classmethod
    def now(cls, tz=None):
        return cls(2024, 7, 6, 14, 3, 9, 123, tzinfo=tz)


reference.datetime = FixedClock


def outcome(render):
    try:
        return {"text": render()}
    except Exception as error:  # every error of a template is an outcome
        return {"error": type(error).__name__, "message": str(error)}


def language():
    for template in CASES:
        variables = VARIABLES
        if isinstance(template, tuple):
            template, variables = template
        result = outcome(
            lambda: reference._compile_jinja_template(template).render(**variables))
        case = {"template": template, **result}
        if variables is not VARIABLES:
            case["variables"] = variables
        yield case


def conversation(template, given):
    variables = dict(given)
    messages = [{k: v for k, v in m.items() if v is not None} for m in variables.pop("messages")]
    rendered, _ = reference.render_jinja_template(
        conversations=[messages], chat_template=template,
        tools=variables.pop("tools", None), documents=variables.pop("documents", None),
        add_generation_prompt=variables.pop("add_generation_prompt", False),
        continue_final_message=variables.pop("continue_final_message", False),
        **{**TOKENS, **variables})
    return rendered[0]


def families(folder):
    return {
        file.stem: {
            name: outcome(lambda: conversation(file.read_text(), given))
            for name, given in CONVERSATIONS.items()
        }
        for file in sorted(folder.glob("*.jinja"))
    }


def lines(content, depth):
    """JSON with a line for every value `depth` levels down."""
    if depth == 0 or not isinstance(content, (dict, list)):
        return json.dumps(content, ensure_ascii=False)
    if isinstance(content, list):
        return "[\n" + ",\n".join(lines(item, depth - 1) for item in content) + "\n]"
    pairs = (json.dumps(key) + ": " + lines(item, depth - 1) for key, item in content.items())
    return "{\n" + ",\n".join(pairs) + "\n}"


def write(name, content):
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / name).write_text(lines(content, depth=3 if "families" in content else 2) + "\n")


write("language.json", {"variables": VARIABLES, "cases": list(language())})
write("conversations.json", {
    "conversations": CONVERSATIONS, "families": families(TARGET / "chat_templates")})
if DATA.is_dir():
    write("models.json", {"conversations": CONVERSATIONS, "families": families(DATA)})
