"""A page is read as a screen shows it; whatever may be shown otherwise is observed."""

import pytest

from lea_service.legal.css_colours import find_colour
from lea_service.legal.order_html import read_shown

NUMBER = "+31 6 99999999"
STYLES_THAT_HIDE = (
    "background:#fff;color:#fff",
    "background:#000",
    "background:#000;color:#000",
    "background:navy;color:rgb(0 0 128)",
    "background:#000 #036;color:#fff",  # no colour: a screen passes over it
    "background:url(a;background:#000);color:#fff",
    "x:'; background:#000 ';color:#fff",
    "background:rgba(0,0,0,0);color:#fff",
    "background:#000;background:#fff;color:#fff",
    "color:#fefefe",
    "color:ivory",
    "color:#ffff",
    "color:#fff0",
    "color:transparent",
    "color:rgb(100%,100%,100%)",
    "color:rgb(255 255 255 / 50%)",
    "color:hsl(0, 0%, 100%)",
    "color:rgba(0,0,0,.05)",
    "-webkit-text-fill-color:#fff",
    "color:#fff !important;color:#000",
    "font-size:0.01em",
    "font-size:1%",
    "font-size:.5mm",
    "font-size:2pt",
    "font:italic 0/0 a",
    "font:bold 1px a",
    "line-height:0",
    "line-height:1px",
    "line-height:5%",
    "width:0;overflow:hidden",
    "max-width:0px",
    "height:0.01em",
    "position:absolute;left:9999px",
    "position:absolute;left:-99em",
    "position:absolute;right:-20cm",
    "position:absolute;inset:-9999px auto auto auto",
    "text-indent:9999px",
    "text-indent:-200%",
    "margin:0 0 0 -999px",
    "padding-left:9999px",
    "opacity:0.01",
    "opacity:1%",
    "scale:0",
    "zoom:1%",
    "-webkit-transform:scale(0)",
    "clip-path:inset(50%)",
    r"d\69splay:none",
    "x:'/*';display:none;y:'*/'",
    "x:url('a)b');display:none;y:'",
    "/* ' */display:none;y:'",
    "display:none;/*",
)


@pytest.mark.parametrize("style", STYLES_THAT_HIDE)
def test_style_that_hides(style):
    shown = read_shown(f'<p>Betreft</p><p style="{style}">{NUMBER}</p>')
    assert (shown.text.split(), shown.has_more) == (["Betreft"], True)


@pytest.mark.parametrize("style", STYLES_THAT_HIDE)
def test_sheet_that_hides(style):
    shown = read_shown(f"<style>@media all{{p{{{style}}}}}</style><p>{NUMBER}</p>")
    assert (shown.text.strip(), shown.has_more) == (NUMBER, True)


@pytest.mark.parametrize(
    "html",
    [
        '<table bgcolor="white"><tr><td><font color="white">{}</font></table>',
        '<table bgcolor="FFFFFF"><tr><td><font color="fefefe">{}</font></table>',
        '<body text="white">{}</body>',
        '<div style="color:#fff"><span style="background:#fff">{}</span></div>',
        '<div style="background:#000"><span style="color:#010101">{}</span></div>',
        '<span bgcolor="black"><font color="white">{}</font></span>',  # only tables have one
        '<div style="color:#fff"><span color="black">{}</span></div>',
        '<div style="font-size:20%"><p style="font-size:50%">{}</p></div>',
        "<small>" * 12 + "{}",
    ],
)
def test_page_that_hides(html):
    shown = read_shown(html.format(NUMBER))
    assert (shown.text.strip(), shown.has_more) == ("", True)


ODD = (
    '<bdo dir="rtl">{}</bdo>',
    '<p dir="RTL">{}</p>',
    '<p style="unicode-bidi:bidi-override;direction:rtl">{}</p>',
    '<p style="display:flex;flex-direction:row-reverse"><b>{}</b></p>',
    '<p style="display:flex;flex-flow:wrap row-reverse"><b>{}</b></p>',
    '<p style="display:flex"><b style="order:2">1</b><b>{}</b></p>',
    '<p><b style="float:right">1</b><b style="float:left">{}</b></p>',
    '<p style="position:relative;left:50px">{}</p>',
    '<p>{}<img src="cid:a" style="position:absolute;top:0;left:0;width:100%"></p>',
    '<p style="filter:opacity(0)">{}</p>',
    '<p style="font-size:calc(0px)">{}</p>',
    '<p style="color:lab(100 0 0)">{}</p>',
    '<p style="background:var(--x)">{}</p>',
    '<p style="writing-mode:vertical-rl">{}</p>',
    '<p style="letter-spacing:-1em">{}</p>',
    '<p>{}<input value="1"></p>',
    '<style>p:after{{content:"1"}}</style><p>{}</p>',
    "<style>@font-face{{font-family:a;src:url(b)}}</style><p>{}</p>",
    "<style>@import 'a';</style><p>{}</p>",
    "<link rel=stylesheet href=a><p>{}</p>",
    "<style>p{{position:absolute;left:9999px}}</style><p>{}</p>",
    "<style>p{{direction:rtl}}</style><p>{}</p>",
)


@pytest.mark.parametrize("html", ODD)
def test_what_may_be_shown_otherwise_is_read_and_observed(html):
    shown = read_shown(html.format(NUMBER))
    assert (NUMBER in shown.text, shown.has_more) == (True, True)


OUTLOOK = """<style><!-- @font-face {font-family:"Cambria Math"; panose-1:2 4 5 3 5 4 6 3 2 4;}
p.MsoNormal, li.MsoNormal {mso-style-unhide:no; margin:0cm; margin-bottom:.0001pt; font-size:11.0pt;
font-family:"Calibri",sans-serif; mso-fareast-language:EN-US;}
a:link, span.MsoHyperlink {mso-style-priority:99; color:#0563C1; text-decoration:underline;}
.MsoChpDefault {mso-style-type:export-only; font-size:10.0pt;}
@page WordSection1 {size:612.0pt 792.0pt; margin:70.85pt 70.85pt 70.85pt 70.85pt;}
div.WordSection1 {page:WordSection1;} ol {margin-bottom:0cm;} --></style>
<body lang=NL link="#0563C1" vlink="#954F72" style='tab-interval:35.4pt;word-wrap:break-word'>
<div class=WordSection1><p class=MsoNormal><span style='mso-fareast-language:EN-US'>{}<o:p></o:p></span>
<p class=MsoListParagraph style='margin-left:36.0pt;text-indent:-18.0pt;mso-list:l0 level1 lfo1'>
<span style='mso-list:Ignore'>1.<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span>
<table class=MsoTableGrid border=1 style='margin-left:-5.4pt;border-collapse:collapse;border:none'>
<tr style='mso-yfti-irow:0;height:15.75pt'><td width=200 valign=top style='width:150.0pt;padding:0cm
5.4pt 0cm 5.4pt;background:#D9E2F3;mso-background-themecolor:accent1'><b>
<span style='font-size:9.0pt;color:windowtext;background:white'>x</span></b></table>"""
LAYOUT = """<body bgcolor="#f4f4f4" style="margin:0;padding:0;width:100%">
<table width="100%" cellpadding=0 cellspacing=0 role=presentation bgcolor="#f4f4f4"><tr>
<td align=center style="font-size:0;line-height:1px;height:1px">&nbsp;</td></tr><tr>
<td style="font-size:0px;padding:20px 0"><div style="font-size:14px;line-height:1.5;color:#333">{}</div>
<tr><td bgcolor="#003366" style="background-color:#003366;padding:10px 25px;color:#fff">
<h1 style="margin:0;color:#ffffff;font:bold 20px/1.2 Arial, 'Segoe UI'">Politie</h1>
<img src="cid:logo" alt="Politie" width=1 height=1 style="display:block;float:left;border:0">
<div style="display:none;max-height:0"></div></table>"""
APPLE = """<body style="overflow-wrap: break-word; -webkit-nbsp-mode: space; line-break: after-white-space;">
<span style="caret-color: rgb(0, 0, 0); color: rgb(0, 0, 0); font-size: 12px; letter-spacing: normal;
text-indent: 0px; word-spacing: 0px; -webkit-text-size-adjust: auto; -webkit-text-stroke-width: 0px;
float: none; display: inline !important; background-color: rgba(0, 0, 0, 0)">{}</span>
<blockquote type="cite" style="margin:0 0 0 .8ex;border-left:1px #ccc solid;padding-left:1ex">
<div dir="ltr" style="color:inherit;background:none;direction:ltr;opacity:1;position:relative">x</div>
<hr style="display:inline-block;width:98%"><small>y</small>"""


@pytest.mark.parametrize("html", [OUTLOOK, LAYOUT, APPLE])
def test_ordinary_mail_is_read_without_an_observation(html):
    shown = read_shown(html.replace("{}", NUMBER))
    assert (NUMBER in shown.text, shown.has_more) == (True, False)


@pytest.mark.parametrize(
    "style",
    [
        "color:#ccc",
        "background:#333;color:#eee",
        "background:#036 url(a.png) no-repeat;color:#ffffe0",
        "margin:-10px 0 0 300px",
        "font:700 12px/1.4 Arial",
        "font-size:smaller;line-height:120%",
        "opacity:.9;zoom:1;transform:none",
        "width:100%;max-width:600px;max-height:none",
        "font-family:'a;display:none'",
    ],
)
def test_style_that_hides_nothing(style):
    shown = read_shown(f'<p style="{style}">{NUMBER}</p><style>p{{{style}}}</style>')
    assert (shown.text.strip(), shown.has_more) == (NUMBER, False)


@pytest.mark.parametrize("part", ["a(", "url(", "/* ", "'", "background:#000 x;", "(", "{"])
def test_long_style_is_looked_at_in_time(part):
    style = "background:" + part * 50_000
    assert NUMBER in read_shown(f'<p style="{style}">x</p><style>{style}</style>{NUMBER}').text


def test_many_grounds_within_each_other_are_looked_at_in_time():
    style = ";".join(f"background:rgba({n},0,0,.5) x" for n in range(300))
    shown = read_shown(f'<div style="{style}">' * 200 + NUMBER)
    assert shown.has_more


@pytest.mark.parametrize(
    ("value", "colour"),
    [
        ("rebeccapurple", (102, 51, 153, 1)),
        ("#1234", (17, 34, 51, 68 / 255)),
        ("#12345678", (18, 52, 86, 120 / 255)),
        ("hsl(240deg 100% 50%)", (0, 0, 255, 1)),
        ("rgba(300, -5, 50%, 2)", (255, 0, 127.5, 1)),
        ("rgb(1, 2)", None),
        ("rgb(a, b, c)", None),
        ("#12345", None),
        ("nothing", None),
    ],
)
def test_colours_are_read(value, colour):
    assert find_colour(value) == colour
