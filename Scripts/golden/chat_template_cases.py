"""The inputs of chat_templates.py."""

TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Weather \"now\" in a city <é, 日本> & more.",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string"},
                "unit": {"type": "string", "enum": ["c", "f"], "default": None},
                "days": {"type": "integer", "minimum": 1, "exact": 1.5, "strict": True},
            },
            "required": ["city"],
        },
    },
}
CALL = {
    "type": "function", "id": "abcdefghi",
    "function": {"name": "get_weather", "arguments": {"unit": "c", "city": "Zürich"}},
}
QUESTION = {"role": "user", "content": "What is 17 + 25? 'Quotes' \"too\"."}
ANSWER = {"role": "assistant", "content": "<think>\nseven and five\n</think>\n\n42"}
SYSTEM = {"role": "system", "content": "  You are terse.\n"}

CONVERSATIONS = {
    "question": {"messages": [QUESTION], "add_generation_prompt": True},
    "question-answered": {"messages": [QUESTION, ANSWER]},
    "system": {"messages": [SYSTEM, QUESTION], "add_generation_prompt": True},
    "turns": {
        "messages": [SYSTEM, QUESTION, ANSWER, {"role": "user", "content": "And 0.1 + 0.2?\n"}],
        "add_generation_prompt": True,
    },
    "no-thinking": {
        "messages": [QUESTION], "add_generation_prompt": True, "enable_thinking": False},
    "thinking": {
        "messages": [SYSTEM, QUESTION], "add_generation_prompt": True, "enable_thinking": True},
    "reasoning": {
        "messages": [
            QUESTION,
            {"role": "assistant", "content": "42", "reasoning": "seven and five", "name": None},
        ],
    },
    "tools": {"messages": [SYSTEM, QUESTION], "tools": [TOOL], "add_generation_prompt": True},
    "tool-call": {
        "messages": [
            {"role": "user", "content": "Is it warm in Zürich?"},
            {"role": "assistant", "content": "", "tool_calls": [CALL]},
            {"role": "tool", "name": "get_weather", "content": "{\"degrees\": 21.5}"},
        ],
        "tools": [TOOL], "add_generation_prompt": True,
    },
    "continued": {
        "messages": [SYSTEM, QUESTION, {"role": "assistant", "content": "Let me see: 17 +"}],
        "continue_final_message": True,
    },
    "continued-space": {
        "messages": [QUESTION, {"role": "assistant", "content": "\n So 17 + 25 = \n"}],
        "continue_final_message": True,
    },
    "continued-empty": {
        "messages": [QUESTION, {"role": "assistant", "content": ""}],
        "continue_final_message": True,
    },
    "continued-thinking": {
        "messages": [QUESTION, {"role": "assistant", "content": "<think>\nseven and"}],
        "continue_final_message": True,
    },
    "continued-thought": {
        "messages": [
            QUESTION, {"role": "assistant", "content": "<think>seven</think>\n\nIt is"}],
        "continue_final_message": True,
    },
    "continued-reasoning": {
        "messages": [
            QUESTION, {"role": "assistant", "content": "", "reasoning": "seven and"}],
        "continue_final_message": "reasoning",
    },
    "continued-parts": {
        "messages": [
            QUESTION,
            {"role": "assistant", "content": [
                {"type": "text", "text": "It is"}, {"type": "image", "image": "x"}]},
        ],
        "continue_final_message": True,
    },
    "continued-nothing": {
        "messages": [QUESTION, {"role": "assistant", "content": None}],
        "continue_final_message": True,
    },
    "continued-unread": {
        "messages": [QUESTION, {"role": "assistant", "content": "a", "remark": "b"}],
        "continue_final_message": "remark",
    },
}

VARIABLES = {
    "messages": [SYSTEM, QUESTION, ANSWER],
    "numbers": [3, 1, 2, 3],
    "words": ["banana", "Apple", "cherry", "apple"],
    "user": {"name": "Ann", "age": 30, "items": [1, 2], "tags": ["x", "y"], "get": 7},
    "people": [
        {"name": "Bob", "age": 30, "home": {"city": "Bern"}},
        {"name": "ann", "age": 25, "home": {"city": "Zürich"}},
        {"name": "Cleo", "age": 30, "home": {"city": "bern"}},
        {"name": "Dan", "age": None},
    ],
    "tool": TOOL,
    "text": "  Hello, World!\n second\tline \n",
    "odd": "naïve Straße ǆ Ὀδυσσεύς 😀 e\u0301",
    "nothing": None,
    "yes": True,
    "whole": 42,
    "half": 0.5,
    "empty": "",
    "nested": [[1, [2, 3]], {"k": [None, True, 1.0]}],
}


def each(pattern, *fillings):
    return [pattern.replace("@", filling) for filling in fillings]


CASES = [
    # Text, comments, raw, white space.
    "", "\n", "\n\n", "a\r\nb\rc\n", "{# c #}\na", "  {# c #}  \n b", "  {#- c -#}  \n b",
    "a {#+ c +#} b", "{% raw %}{{ x }}{% y %}{# z #}{% endraw %}!",
    "{%- raw -%}  {{ x }}  {%- endraw -%}  !", "  {% raw %}\n  a\n  {% endraw %}\n b",
    "{% if yes %}\n  x\n{% endif %}\ny", "  {% if yes %}\n  x\n  {% endif %}  \ny",
    "  {%+ if yes %}\n  x\n  {%+ endif %}  \ny", "a\n  {% if yes +%}\n  x\n{% endif %}",
    "a  {%- if yes -%}  x  {%- endif -%}  b", "a \n\t {{- 'x' -}} \n\t b", "  {{ 'x' }}\n  y",
    "{{ 'x' }}\n{{ 'y' }}\n", "{%if yes%}x{%endif%}", "{{'a'}}{{\"b\"}}", "{ { x } }", "{%%}",
    "a{% set x = 1 %}\n\nb", "\t{% set x = 1 %}\n b", "x {% set y = 1 %}\nb", "\u00a0{% set x = 1 -%}\u2003 b",
    "{{ '}}' }}{{ '%}' }}", "{{ {'a': {'b': 1}}['a']['b'] }}", "{{ {} }}", "{% set x = {'a': 1} %}{{ x }}",
    # Literals.
    *each("{{ @ }}", "1", "1_000", "0x1F", "0o17", "0b101", "1.5", "1e3", "1.5e-7", "1_0.2_5",
          "100000000000000000000.0", "1e16", "123456789012345.6", "1e-5", "0.0001", "12345678901234567.0",
          "true", "True", "false", "none", "None", "[]", "[1, 'a', none, 1.0]", "()", "(1,)", "(1, 2)",
          "1, 2", "{'a': 1, 2: 'b', 1.5: none}", "'a' 'b'", "'\\n\\t\\x41\\u00e9\\U0001F600\\101\\q\\é'",
          "\"it's\"", "'say \"hi\"'", "[\"it's\", 'both \\' \"', '\\u200b\\n\\x00é😀']", "'a\\\nb'",
          "{'a': 1, 'a': 2}", "{1: 'a', true: 'b', 1.0: 'c'}", "[1, 2,]", "{'a': 1,}", "-0.0", "1.0"),
    # Operators.
    *each("{{ @ }}", "1 + 2 * 3", "(1 + 2) * 3", "7 // 2", "-7 // 2", "7 // -2", "-7 % 3", "7 % -3",
          "7.5 // 2", "-7.5 % 2", "7 / 2", "6 / 2", "2 ** 3 ** 2", "2 ** -1", "-2 ** 2", "2 ** 0.5",
          "1 + true", "true + true", "'a' + 'b'", "'ab' * 3", "3 * 'ab'", "'ab' * -1", "[1] + [2]",
          "[0] * 3", "(1,) + (2,)", "'a' ~ 1 ~ none ~ true ~ 1.5", "1 ~ 2", "1 + 1.5", "10 - 2 - 3",
          "- - 1", "+1", "-'a'", "not 1", "not not ''", "1 < 2 < 3", "1 < 3 < 2", "1 == 1.0", "1 == true",
          "'a' < 'b'", "'Z' < 'a'", "[1, 2] < [1, 3]", "(1, 2) <= (1, 2)", "1 != 2", "none == none",
          "none < 1", "1 < 'a'", "'a' > 1", "[1] == (1,)", "{'a': 1} == {'a': 1.0}", "1 in [1, 2]",
          "'x' in 'text'", "'' in ''", "1 not in [1]", "'name' in user", "1 in 'a'", "1 in 5", "'a' in none",
          "1 and 0 or 'x'", "'' or none", "0 and x.y", "1 or x.y", "'a' if yes", "'a' if not yes",
          "'a' if nothing else 'b' if yes else 'c'", "1 / 0", "1 // 0", "1 % 0", "1.0 / 0", "1 + 'a'",
          "'a' + 1", "[1] + 1", "{} + {}", "none + 1", "'a' - 'b'", "[1] * [2]", "'%s-%d' % ('a', 3)",
          "'%5.2f|%-5s|%05d|%x|%r|%%' % (1.234, 'a', 42, 255, 'q')", "'%(a)s' % {'a': 1}", "'%s' % 'x'",
          "'%s' % [1]", "'%s' % ()", "'%d' % 'x'", "'%s %s' % ('a',)", "'x' % 1", "9223372036854775807",
          "half * 2", "whole // 5", "x ~ 'a'", "'é' == 'e\\u0301'", "'e\\u0301' | length"),
    # Names, attributes, items, slices, undefined.
    *each("{{ @ }}", "x", "user.name", "user['name']", "user['items']", "user['get']", "user['get']",
          "user.nope", "user['nope']", "user.nope.deeper", "x.y", "x['y']", "x()", "user.name()", "x + 1",
          "1 + x", "x == y", "x == none", "x | length", "x is defined", "user.nope is defined", "messages[0].role",
          "messages[-1]['role']", "messages[7]", "messages[7].role", "messages['role']", "text[2]", "text[-3]",
          "text[99]", "'abc'.1", "numbers.0", "numbers[1:]", "numbers[:-1]", "numbers[::-1]", "numbers[::2]",
          "numbers[5:]", "numbers[-2:]", "numbers[2:0:-1]", "numbers[::0]", "text[1:4]", "odd[::-1]", "text[none:2]",
          "text['a':]", "(1, 2, 3)[1:]", "whole[1:]", "user[1:2]", "nested[0][1][0]", "nested[1].k[0]", "none.x",
          "none['x']", "whole.x", "user.__class__", "user.__class__.x", "''.__class__.__mro__", "user._x",
          "numbers.append", "numbers.append(1)", "user.update({})", "user.pop('name')", "user.keys()",
          "user.values() | list", "user.items()", "user.items() | list | length", "user['keys']() | list",
          "user.get('name')", "numbers.index(2)", "numbers.count(3)", "numbers.index(9)", "numbers.copy()",
          "dict(a=1, b=2)", "dict([('a', 1)], b=2)", "dict({'a': 1}).items()", "dict.fromkeys(['a', 'b'], 0)",
          "[1, 2][true]", "{1: 'a'}[true]", "{(1, 2): 'a'}[(1, 2)]", "{[1]: 2}", "user[[1]]", "user[none]",
          "range(3)", "range(3) | list", "range(1, 10, 4) | list", "range(3)[1]", "range(3, 0, -1) | list",
          "range(0)", "range(1, 2, 0)", "range(100001)", "range('a')", "range(5)[1:3] | list", "range(3) == range(0, 3)",
          "nope(1)", "loop", "namespace is defined", "varargs", "caller"),
    # Methods of strings.
    *each("{{ @ | list if false else @ }}", "text.strip()", "text.lstrip()", "text.rstrip()", "text.strip(' \\n')",
          "'xxaxx'.strip('x')", "'abc'.strip('')", "'abc'.strip(none)", "'abc'.strip(1)", "text.upper()", "odd.upper()",
          "odd.lower()", "odd.title()", "odd.capitalize()", "odd.swapcase()", "odd.casefold()", "'ΑΣ ΑΣΑ Σ'.lower()",
          "'a,b,,c'.split(',')", "'a,b,,c'.split(',', 1)", "' a  b '.split()", "' a  b c '.split(none, 1)", "''.split()",
          "''.split(',')", "'abc'.split('')", "'a,b,c'.rsplit(',', 1)", "' a b  c '.rsplit(none, 1)", "'aaa'.rsplit('aa', 1)",
          "'a\\nb\\r\\nc\\x0bd'.splitlines()", "'a\\nb\\n'.splitlines(true)", "'a-b-c'.partition('-')",
          "'a-b-c'.rpartition('-')", "'abc'.partition('-')", "'abc'.rpartition('-')", "'abc'.replace('b', 'xx')",
          "'aaa'.replace('a', 'b', 2)", "'abc'.replace('', '-')", "'abc'.replace('', '-', 2)", "'aaa'.replace('aa', 'b')",
          "'abc'.startswith('ab')", "'abc'.startswith(('x', 'a'))", "'abc'.startswith('b', 1)", "'abc'.endswith('bc')",
          "'abc'.endswith('b', 0, 2)", "'abc'.startswith(1)", "'abcabc'.find('c')", "'abcabc'.rfind('c')",
          "'abcabc'.find('c', 3)", "'abc'.find('x')", "odd.find('😀')", "'abc'.index('x')", "'aXbX'.count('X')", "'abc'.count('')",
          "', '.join(['a', 'b'])", "', '.join([1])", "''.join('abc')", "'a'.center(4) ~ '|'", "'ab'.center(5, '*')", "'a'.ljust(3, '-')",
          "'a'.rjust(3)", "'-5'.zfill(4)", "'5'.zfill(3)", "'abc'.removeprefix('a')", "'abc'.removesuffix('c')",
          "'abc'.isalpha()", "'12'.isdigit()", "'½'.isnumeric()", "'a1'.isalnum()", "' \\n'.isspace()", "''.isspace()",
          "'abc'.islower()", "'ABC'.isupper()", "'Abc Def'.istitle()", "'abc'.isidentifier()", "'é'.isascii()",
          "'{} {} {a}'.format(1, 'b', a=2)", "'{0}{1}{0}'.format('x', 'y')", "'{a.name} {a[age]}'.format(a=user)",
          "'{:>5}|{:<5}|{:^5}|'.format('a', 'b', 'c')", "'{:05.1f}|{:,}|{:x}|{:+d}|{:e}|{:%}'.format(3.14159, 1234567, 255, 5, 1234.5, 0.5)",
          "'{!r:>6}'.format('a')", "'{{}}'.format()", "'{'.format()", "'{} {}'.format(1)", "'{nope}'.format()",
          "'a\\tb'.expandtabs(4)", "'{a}'.format_map({'a': 1})", "text.nope()", "'a'.upper(1)", "'abc'.isprintable()"),
    # Filters.
    *each("{{ @ }}", "-3 | abs", "half | abs", "'a' | abs", "text | trim", "text | trim(' H\\n')", "text | upper", "odd | lower", "'hello wORLD' | capitalize",
          "'hello big-wORLD (foo) it\\'s' | title", "42 | string", "none | string", "[1, 'a'] | string", "x | string", "'abc' | length",
          "user | length", "numbers | count", "whole | length", "numbers | first", "numbers | last", "[] | first", "[] | last", "'abc' | first",
          "'abc' | last", "user | first", "whole | first", "numbers | sum", "people | sum(attribute='age', start=1)", "people[:3] | sum(attribute='age')",
          "numbers | sort", "numbers | sort(reverse=true)", "words | sort", "words | sort(case_sensitive=true)", "people[:3] | sort(attribute='age,name') | map(attribute='name') | list",
          "people[:3] | sort(attribute='age', reverse=true) | map(attribute='name') | join(', ')", "people | sort(attribute='age')", "[1, 'a'] | sort",
          "words | unique | list", "words | unique(case_sensitive=true) | list", "people | unique(attribute='age') | map(attribute='name') | list",
          "numbers | min", "numbers | max", "words | min", "words | max", "[] | max", "people[:3] | max(attribute='age')", "numbers | join", "numbers | join('-')",
          "people | join(', ', attribute='name')", "words | join(1)", "user | join(',')", "'abc' | join('-')", "x | join(',')", "numbers | reverse | list",
          "'abc' | reverse", "user | reverse | list", "whole | reverse", "numbers | map('string') | list", "words | map('upper') | join(' ')", "words | map('replace', 'a', 'o') | list",
          "people | map(attribute='home.city') | list", "people | map(attribute='home.city', default='?') | list", "(words | map) is iterable", "words | map | list", "words | map('nope') | list", 
          "numbers | select('odd') | list", "numbers | select('greaterthan', 1) | list", "[0, 1, '', none] | select | list", "numbers | reject('odd') | list",
          "people | selectattr('age') | map(attribute='name') | list", "people | selectattr('age', 'equalto', 30) | map(attribute='name') | list",
          "people | rejectattr('age', 'none') | map(attribute='name') | list", "people | selectattr('age', 'nope') | list", "numbers | select('odd') | length",
          "numbers | batch(3) | list", "numbers | batch(3, 'x') | list", "numbers | slice(3) | list", "numbers | slice(3, 'x') | list",
          "user | items | list", "x | items | list", "user | dictsort", "{'b': 1, 'A': 2} | dictsort", "{'b': 1, 'A': 2} | dictsort(true)", "{'b': 1, 'A': 2} | dictsort(by='value', reverse=true)",
          "people[:3] | groupby('age')", "people[:3] | groupby('home.city')", "people | groupby('home.city', default='?') | map('first') | list",
          "x | default('d')", "nothing | default('d')", "nothing | default('d', true)", "x | d", "empty | default('d', boolean=true)", "user.nope | default('d')",
          "'3.7' | int", "'0x1f' | int(0, 16)", "'abc' | int", "'abc' | int(7)", "3.9 | int", "-3.9 | int", "none | int", "' 12 ' | int", "'1_000' | int", "'1e3' | int", "true | int",
          "'3.5' | float", "'abc' | float", "'abc' | float(1.5)", "3 | float", "'inf' | float", "none | float", "2.5 | round", "3.5 | round", "2.675 | round(2)", "42.55 | round(1, 'floor')",
          "42.51 | round(1, 'ceil')", "1234 | round(-2)", "42 | round", "42.7 | round | int", "2.5 | round(method='nope')", "'a' | round",
          "'a b c d e f' | truncate(7)", "'a b c d e f g h i j' | truncate(9, true, '!')", "'short' | truncate(4)", "'a b c' | wordcount", "text | indent", "text | indent(2, true)", "'a\\n\\nb' | indent(2, blank=true)", "'a\\nb' | indent('>> ')",
          "'abc' | center(7) ~ '|'", "'a<b>' | escape", "'a<b>' | e | e", "'<a>' | safe", "('<a>' | safe) + '<b>'", "'<a>' | forceescape", "'a b/c?é' | urlencode", "{'a b': 'c/d'} | urlencode",
          "'%s and %s' | format('a', 1)", "'%(x)s' | format(x=2)", "1000 | filesizeformat", "1234567 | filesizeformat", "1 | filesizeformat", "2048 | filesizeformat(true)", "{'class': 'a', 'id': none} | xmlattr",
          "('abc' | attr('upper')) is callable", "user | attr('name')", "'abcabc' | replace('b', 'x')", "123 | replace(2, 'x')", "numbers | list", "'abc' | list", "user | list", "whole | list", "x | list", "x | upper",
          "numbers | nope", "numbers | first | string ~ 'x'", "'a' | upper | lower | upper", "numbers | length + 1", "-1 | abs + 1", "nothing | upper", "[[1, 2], [3]] | map('length') | list", "[1.5, 2] | sum", "words | map('first') | map('upper') | list"),
    # tojson.
    *each("{{ @ }}", "tool | tojson", "tool | tojson(indent=2)", "tool | tojson(true)", "nested | tojson", "nested | tojson(indent=1)", "odd | tojson", "odd | tojson(ensure_ascii=true)", "'\\x00\\x1f\\x7f\"\\\\/<>&\\'\\n\\t\\r\\b\\f\\u2028' | tojson",
          "'\\x7f\\u2028é😀' | tojson(ensure_ascii=True)", "{'b': 1, 'a': [2, {'d': 1, 'c': 2}]} | tojson(sort_keys=true)", "[1, 2] | tojson(separators=(',', ':'))", "{'a': [1]} | tojson(indent=4, separators=[' , ', ' : '])",
          "{1: 2, 1.5: 3, none: 4, true: 5} | tojson", "(1, 2) | tojson", "[] | tojson(indent=2)", "{} | tojson(indent=2)", "[[], {}] | tojson(indent=2)", "1e16 | tojson", "1.0 | tojson", "('nan' | float) | tojson", "('-inf' | float) | tojson",
          "x | tojson", "range(3) | tojson", "user.items() | tojson", "{(1, 2): 3} | tojson", "{'a': x} | tojson", "none | tojson", "true | tojson", "'<a>' | safe | tojson", "[1] | tojson(indent='--')", "[1] | tojson(nope=1)", "{1: 2, 'a': 3} | tojson(sort_keys=true)", "[1] | tojson(indent=0)"),
    # Tests.
    *each("{{ @ }}", "1 is odd", "2 is even", "1.5 is odd", "'a' is odd", "6 is divisibleby 3", "6 is divisibleby(4)", "x is undefined", "x is not defined", "nothing is none", "nothing is not none", "1 is number", "true is number", "'1' is number",
          "1 is integer", "true is integer", "1.0 is integer", "1.0 is float", "true is boolean", "'a' is string", "('a' | safe) is string", "user is mapping", "numbers is mapping", "numbers is sequence", "user is sequence", "'a' is sequence", "x is sequence", "whole is sequence", "range(2) is sequence", "(numbers | map('string')) is sequence",
          "numbers is iterable", "'a' is iterable", "whole is iterable", "nothing is iterable", "x is iterable", "range is callable", "'a' is callable", "x is callable", "user.get is callable", "1 is sameas 1", "true is sameas true", "1 is sameas true", "none is sameas none", "user is sameas user", "1 is in [1, 2]", "'a' is in 'abc'", "3 is not in [1]",
          "1 is eq 1", "1 is equalto 1", "1 is ne 2", "2 is gt 1", "2 is greaterthan 1", "1 is lt 2", "1 is le 1", "2 is ge 3", "1 is lessthan 2", "'abc' is lower", "'ABC' is upper", "'<' is escaped", "('<' | escape) is escaped", "'upper' is filter", "'nope' is filter", "'odd' is test", "1 is nope", "true is true", "1 is true", "false is false", "0 is false", "1 is == 1",
          "1 is odd and 2 is even", "not 1 is odd", "1 is not odd", "(1 is odd) is true", "1 is odd is true", "user.name is string", "x.y is defined", "1 is divisibleby", "1 is odd(2)"),
    # Statements.
    "{% if x %}a{% elif yes %}b{% else %}c{% endif %}", "{% if yes %}{% endif %}|", "{% if 1, 2 %}a{% endif %}",
    "{% for n in numbers %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.depth0 }} {% endfor %}",
    "{% for n in numbers %}{{ loop.previtem }}<{{ n }}>{{ loop.nextitem }} {% endfor %}", "{% for n in numbers %}{{ loop.cycle('a', 'b') }}{% endfor %}", "{% for n in [1, 1, 2, 2] %}{{ loop.changed(n) }}{% endfor %}",
    "{% for n in numbers if n > 1 %}{{ loop.index }}/{{ loop.length }}:{{ n }} {% else %}none{% endfor %}", "{% for n in numbers if n > 9 %}x{% else %}none{% endfor %}", "{% for n in [] %}x{% else %}none{% endfor %}", "{% for n in x %}x{% else %}none{% endfor %}",
    "{% for n in whole %}{% endfor %}", "{% for n in nothing %}{% endfor %}", "{% for k in user %}{{ k }},{% endfor %}", "{% for k, v in user.items() %}{{ k }}={{ v }},{% endfor %}", "{% for k, v in user | dictsort %}{{ k }}={{ v }},{% endfor %}", "{% for c in 'aé😀' %}{{ c }}-{% endfor %}",
    "{% for a, (b, c) in [[1, [2, 3]]] %}{{ a }}{{ b }}{{ c }}{% endfor %}", "{% for a, b in [[1]] %}{% endfor %}", "{% for a, b in [[1, 2, 3]] %}{% endfor %}", "{% for a, b in [1] %}{% endfor %}",
    "{% for n in numbers %}{% if n == 1 %}{% continue %}{% endif %}{{ n }}{% endfor %}", "{% for n in numbers %}{% if n == 2 %}{% break %}{% endif %}{{ n }}{% else %}e{% endfor %}", "{% for n in numbers %}{% break %}{% else %}e{% endfor %}", "{% for n in numbers %}{{ n }}{% continue %}{% else %}e{% endfor %}",
    "{% break %}", "{% for n in numbers %}{% macro m() %}{% break %}{% endmacro %}{% endfor %}", "{% for a in [1, 2] %}{% for b in [3, 4] %}{{ loop.index }}{{ loop.parent }}{% if b == 3 %}{% continue %}{% endif %}{{ a }}{{ b }} {% endfor %}{{ loop.index }}{% endfor %}",
    "{% for n in nested recursive %}{% if n is sequence and n is not mapping %}[{{ loop(n) }}]{% else %}{{ n }}@{{ loop.depth }}{% endif %}{% endfor %}", "{% for n in numbers %}{{ loop(n) }}{% endfor %}", "{% for n in numbers %}{{ loop }} {% endfor %}", "{% for loop in numbers %}{% endfor %}", "{% for n in numbers %}{% set loop = 1 %}{% endfor %}",
    "{% for n in numbers %}{% set last = n %}{% endfor %}{{ last }}", "{% set last = 0 %}{% for n in numbers %}{{ last }}{% set last = n %}{% endfor %}{{ last }}", "{% set ns = namespace(a=1) %}{% for n in numbers %}{% set ns.a = ns.a + n %}{% endfor %}{{ ns.a }}{{ ns }}",
    "{% set ns = namespace({'a': 1}, b=2) %}{{ ns.a }}{{ ns['b'] }}{{ ns.c }}{{ ns.c is defined }}", "{% set ns = namespace() %}{% set ns._x = 1 %}", "{% set ns = namespace(_x=1) %}", "{% set user.x = 1 %}", "{% set x.y = 1 %}", "{{ namespace(items=1).items }}{{ namespace(a=2)['a'] }}",
    "{% set a, b = 1, 2 %}{{ b }}{{ a }}", "{% set (a, b) = [3, 4] %}{{ b }}{{ a }}", "{% set a = 1, 2 %}{{ a }}", "{% set a %}x{{ whole }}y{% endset %}{{ a }}|{{ a | length }}", "{% set a | upper | replace('X', 'z') %}x y{% endset %}{{ a }}", "{% set a = b = 1 %}", "{% set true = 1 %}", "{% set 1 = 1 %}", "{% set a b %}", "{% set text = text | trim %}{{ text }}",
    "{% if yes %}{% set v = 1 %}{% endif %}{{ v }}", "{% if empty %}{% set whole = 1 %}{% endif %}{{ whole }}", "{% with a = 1, b = whole %}{{ a }}{{ b }}{% endwith %}{{ a }}", "{% with %}{% set q = 1 %}{{ q }}{% endwith %}{{ q }}", "{% with a = 1 %}{% with b = a %}{{ b }}{% endwith %}{% endwith %}",
    "{% filter upper %}a{{ 'b' }}{% endfilter %}", "{% filter replace('a', 'b') | upper %}aa{% endfilter %}", "{% filter tojson %}\"{% endfilter %}", "{% print 1, 2 %}", "{% block b %}x{{ whole }}{% endblock %}", "{% block b %}{% endblock b %}{% block b %}{% endblock %}", "{% autoescape false %}<{% endautoescape %}", "{% generation %}a{{ whole }}{% endgeneration %}",
    "{%- generation -%} a {%- endgeneration -%} b", "{% do numbers %}", "{% trans %}a{% endtrans %}", "{% extends 'x' %}", "{% include 'x' %}", "{% import 'x' as y %}", "{% from 'x' import y %}", "{% if empty %}{% include 'x' %}{% endif %}ok",
    # Names that the template sets, used before in scopes of their own.
    "{% for x in [1] %}{{ whole }}{% endfor %}{% set whole = 1 %}{{ whole }}", "{{ whole }}{% for x in [1] %}{{ whole }}{% endfor %}{% set whole = 1 %}", "{% for x in [1] %}{{ whole }}{% endfor %}{% if yes %}{% set whole = 1 %}{% endif %}{{ whole }}", "{% macro m() %}{{ whole }}{% endmacro %}{{ m() }}{% set whole = 1 %}{{ m() }}", "{% for x in words %}{% if whole %}{{ x }}{% endif %}{% endfor %}{% set whole, half = 1, 2 %}", "{% for x in [1] if whole %}{{ x }}{% endfor %}{% set whole = 1 %}", "{% set whole = whole + 1 %}{{ whole }}", "{% for x in [1] %}{{ whole }}{% endfor %}{% for whole in [2] %}{{ whole }}{% endfor %}", "{% with whole = 3 %}{{ whole }}{% endwith %}{{ whole }}{% set whole = 1 %}", "{% for x in [1] %}{{ whole }}{% endfor %}{% set whole %}a{% endset %}{{ whole }}", "{% for x in [1] %}{{ whole }}{% endfor %}{% macro whole() %}{% endmacro %}", "{% macro m(a=whole) %}{{ a }}{% endmacro %}{% set whole = 1 %}{{ m() }}", "{% for x in [1] %}{{ user.name }}{% endfor %}{% set user.x = 1 %}",
    # Macros.
    "{% macro m(a, b=2, c=a) %}[{{ a }}{{ b }}{{ c }}]{% endmacro %}{{ m(1) }}{{ m(1, 3) }}{{ m(1, c=5) }}{{ m() }}{{ m(b=1, a=2) }}", "{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, x=3) }}", "{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}", "{% macro m(a) %}{% endmacro %}{{ m(b=2) }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m }}{{ m.name }}{{ m.arguments }}{{ m.catch_kwargs }}", "{% macro m() %}<{{ caller() }}>{% endmacro %}{% call m() %}in{{ whole }}{% endcall %}", "{% macro m() %}<{{ caller(1, 2) }}>{% endmacro %}{% call(a, b=9) m() %}{{ a }}{{ b }}{% endcall %}", "{% macro m() %}{{ caller }}{% endmacro %}{{ m() }}", "{% macro m() %}x{% endmacro %}{% call m() %}y{% endcall %}",
    "{% macro m(n) %}{{ n }}{% if n > 0 %}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(3) }}", "{% macro m() %}{{ late }}{% endmacro %}{{ m() }}{% set late = 1 %}{{ m() }}", "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}b{% endmacro %}{{ a() }}", "{% macro m(a, b=1, c) %}{% endmacro %}", "{% macro m(caller) %}{{ caller }}{% endmacro %}{{ m(1) }}", "{% macro m() %}{% set x = 5 %}{{ x }}{% endmacro %}{{ m() }}{{ x }}", "{% macro m() %}a{% endmacro %}{{ m() ~ m() }}{{ m() | upper }}{{ m() | length }}",
    "{% for n in [1, 2] %}{% macro m() %}{{ n }}{% endmacro %}{{ m() }}{% endfor %}", "{% call whole() %}{% endcall %}", "{% call m %}{% endcall %}", "{% macro m(x) -%}  {{ x }}  {%- endmacro -%}  {{ m('q') }}", "{% macro outer() %}{% macro inner() %}i{% endmacro %}{{ inner() }}{% endmacro %}{{ outer() }}", "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(*[7]) }}{{ m(**{'a': 8}) }}", "{% macro m(x=yes) %}{{ x }}{% endmacro %}{{ m() }}{{ m(none) }}", "{% macro m(kwargs) %}{{ kwargs }}{% endmacro %}{{ m(1) }}",
    # Functions.
    "{{ raise_exception('no ' ~ whole) }}", "{% if empty %}{{ raise_exception('x') }}{% endif %}ok", "{{ strftime_now('%Y-%m-%d %H:%M:%S') }}", "{{ strftime_now('%d %b %Y, %A %B %j %U %I%p %f|%z|%Z|%%|%e') }}", "{{ strftime_now('') }}", "{{ strftime_now(1) }}", "{{ strftime_now is defined }}{{ raise_exception is defined }}{{ date_string is defined }}",
    "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.reset() }}{{ c.current }}", "{% set j = joiner('; ') %}{{ j() }}a{{ j() }}b{{ j() }}c", "{{ cycler() }}", "{% set f = 'abc'.upper %}{{ f() }}", "{{ [''.join, 'a'.upper][1]() }}", "{% set g = numbers | map('string') %}{{ g | join }}|{{ g | join }}", "{% set g = numbers | select('odd') %}{% for n in g %}{{ n }}{{ loop.last }}{{ loop.length }}{% endfor %}",
    # Faults of syntax.
    "{{", "{{ }}", "{{ 1 +", "{{ 1 2 }}", "{{ a b }}", "{% if %}{% endif %}", "{% if yes %}", "{% endif %}", "{% if yes %}{% endfor %}", "{% for %}{% endfor %}", "{% for x numbers %}{% endfor %}", "{{ (1 }}", "{{ [1 }}", "{{ 1] }}", "{{ 'a }}", "{# a", "{% raw %}", "a{#", "{% raw %}x", "{#-#}", "{#-", "{{ (numbers | items) is iterable }}", "{{ numbers | items | list }}", "{% nope %}", "{{ a.'b' }}", "{{ a | }}", "{{ a is }}", "{{ $ }}", "{{ 1 is 2 }}", "{% set %}", "{% macro %}", "{{ {1} }}", "{{ {1: } }}", "{{ f(a=1, 2) }}", "{{ f(a=1, a=2) }}", "{{ f(**a, b) }}", "{{ f(1 2) }}", "{% if yes %}a{% else %}b{% else %}c{% endif %}", "{{ a..b }}", "{{ [1, , 2] }}", "{{ not }}", "{{ 1 if }}", "{% %}", "{{ '\\x4' }}", "{{ '\\u12' }}", "{{ a = 1 }}", "{{ a := 1 }}", "{{ lambda: 1 }}", "{{ [x for x in numbers] }}", "{% if yes %}{{ a | nope }}{% endif %}", "{% if empty %}{{ a | nope }}{% endif %}ok", "{{ (a | nope) if empty else 'ok' }}", "{% if empty %}{% for x in words %}{{ x | nope }}{% endfor %}{% endif %}ok", "{% for x in [] %}{% if empty %}{{ x | nope }}{% endif %}{% endfor %}ok", "{% if empty %}{% set x %}{{ 1 is nope }}{% endset %}{% endif %}ok", "{{ range(1, 9, 3).index(4) }}{{ range(3).count(1) }}{{ range(2)[::-1] }}{{ range(1, 9)[2:8:3] }}", "{{ whole | batch(2) is iterable }}", "{{ ('inf' | float) | int }}", "{{ ('nan' | float) | int(3) }}", "{{ '1e400' | int(4) }}", "{{ '' | int(5) }}{{ '-' | int(6) }}{{ 'ff' | int(0, 16) }}{{ '12' | int(9, 2) }}{{ '٣' | int }}", "{{ whole | slice(2) | list }}", "{{ 1.5 ** 1e20 }}", "{{ x | last }}{{ x | reverse | list }}", "{% filter length %}a{% endfilter %}", "{{ '%s' % x }}{{ 'a' % [1] }}{{ 'a' % x }}", "{{ [1, 2] | truncate(5) }}", "{{ 1 | truncate(5) }}", "{% if empty %}{{ 1 is nope }}{% endif %}ok",
    # As templates of models use it.
    "{%- for message in messages %}\n{{- '<|im_start|>' + message['role'] + '\\n' + message['content'] | trim + '<|im_end|>' + '\\n' }}\n{%- endfor %}\n{%- if add_generation_prompt %}\n{{- '<|im_start|>assistant\\n' }}\n{%- endif %}",
    "{% for message in messages[::-1] %}{% set index = (messages|length - 1) - loop.index0 %}{{ index }}{{ message.role }} {% endfor %}", "{{ messages[-1].content.split('</think>')[-1].lstrip('\\n') }}|{{ messages[-1].content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') }}",
    "{%- macro render(p) -%}{%- if p.type == 'object' -%}{ {%- for k, v in p.properties.items() -%}{{ k }}: {{ render(v) }}{%- if not loop.last %}, {% endif -%}{%- endfor -%} }{%- else -%}{{ p.type }}{%- endif -%}{%- endmacro -%}{{ render(tool.function.parameters) }}",
    "{% set messages = messages[1:] %}{% for m in messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('alternate!') }}{% endif %}{{ m.role }} {% endfor %}",
    "{% for m in messages if m.role != 'system' %}{{ m.role }}{% if not loop.last %},{% endif %}{% endfor %}", "{{ messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | first }}", "{{ 'tool_calls' in messages[0] }}{{ messages[0].tool_calls is defined }}{{ messages[0]['tool_calls'] | length }}",
    ("{{ bos_token }}{{ tools | tojson }}{{ documents }}", {"bos_token": "<s>", "tools": None}),
]
