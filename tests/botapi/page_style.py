"""The looks of a chat's page, light and dark."""

LIGHT = """
  --back: #cfdde0; --bubble: #ffffff; --ours: #eeffde; --text: #0f1419; --faint: #7f8b94;
  --faint-ours: #5da854; --link: #2481cc; --bar: #ffffff; --bar-text: #0f1419; --line: rgba(0,0,0,.08);
  --key: rgba(52,84,104,.42); --key-text: #ffffff; --pill: rgba(74,103,124,.45); --quote: #3a8ee6;
  --quote-back: rgba(58,142,230,.10); --code: #b8452b;
"""
DARK = """
  --back: #0d151d; --bubble: #182533; --ours: #2b5278; --text: #f3f6f9; --faint: #7d8b99;
  --faint-ours: #8fb9dd; --link: #6ab3f3; --bar: #17212b; --bar-text: #f5f5f5; --line: rgba(0,0,0,.35);
  --key: rgba(38,54,70,.92); --key-text: #ffffff; --pill: rgba(29,44,58,.85); --quote: #6ab3f3;
  --quote-back: rgba(106,179,243,.13); --code: #e88f73;
"""
STYLE = """
* { box-sizing: border-box; margin: 0; }
html { min-height: 100%; background: var(--back); }
body { font: 15px/1.36 "Roboto", "Noto Sans", "Segoe UI", "Liberation Sans", "DejaVu Sans", "Noto Color Emoji",
  sans-serif; color: var(--text); min-height: 100vh;
  background: var(--back); }
header { position: sticky; top: 0; display: flex; gap: 12px; align-items: center; padding: 9px 16px;
  background: var(--bar); color: var(--bar-text); border-bottom: 1px solid var(--line); z-index: 1; }
header b { display: block; font-weight: 600; font-size: 16px; line-height: 1.25; }
header span { color: var(--faint); font-size: 13px; }
main { max-width: 720px; margin: 0 auto; padding: 12px 12px 16px; display: flex; flex-direction: column; }
.face { flex: none; width: 40px; height: 40px; border-radius: 50%; display: grid; place-items: center; color: #fff;
  font-weight: 600; font-size: 16px; }
.row { display: flex; gap: 8px; align-items: flex-end; margin-top: 10px; max-width: 88%; }
.row.next { margin-top: 3px; }
.row .face { width: 34px; height: 34px; font-size: 14px; }
.row.more .face { visibility: hidden; }
.row.right { align-self: flex-end; }
.stack { min-width: 0; }
.bubble { background: var(--bubble); border-radius: 14px 14px 14px 5px; padding: 6px 10px 6px;
  box-shadow: 0 1px 1px rgba(0,0,0,.13); overflow: hidden; }
.right .bubble { background: var(--ours); border-radius: 14px 14px 5px 14px; --faint: var(--faint-ours); }
.name { font-weight: 600; font-size: 14px; margin-bottom: 1px; display: flex; gap: 14px;
  justify-content: space-between; }
.name small { font-weight: 400; color: var(--faint); font-size: 12px; }
.via, .forward { color: var(--link); font-size: 13.5px; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; }
.text a, .via b { color: var(--link); text-decoration: none; font-weight: inherit; }
.text a:hover { text-decoration: underline; }
.time { float: right; margin: 7px 0 -3px 10px; font-size: 12px; line-height: 1.2; color: var(--faint);
  white-space: nowrap; user-select: none; }
blockquote, .reply { position: relative; background: var(--quote-back); border-left: 3px solid var(--quote);
  border-radius: 4px; padding: 3px 26px 4px 8px; margin: 3px 0; font-size: 14px; }
blockquote { display: block; }
blockquote::after { content: "\\201D"; position: absolute; right: 7px; top: 2px; font: 700 22px/1 Georgia, serif;
  color: var(--quote); opacity: .85; }
blockquote.folded { max-height: 4.45em; overflow: hidden; }
blockquote.folded::before { content: "\\2304"; position: absolute; right: 8px; bottom: 4px; color: var(--quote);
  font-size: 15px; z-index: 1; }
.reply { padding-right: 8px; cursor: pointer; }
.reply b { display: block; color: var(--quote); font-size: 13.5px; line-height: 1.25; }
.reply span { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-size: 13.5px;
  max-width: 460px; }
code, pre { font: 13.5px/1.35 "Roboto Mono", "DejaVu Sans Mono", "Liberation Mono", monospace; color: var(--code); }
pre { background: var(--quote-back); border-radius: 5px; padding: 5px 8px; margin: 3px 0; white-space: pre-wrap; }
.spoiler { background: var(--faint); color: transparent; border-radius: 3px; }
time { border-bottom: 1px dotted var(--faint); }
.keys { display: grid; gap: 4px; margin-top: 4px; }
.keys div { display: flex; gap: 4px; }
.key { flex: 1; text-align: center; padding: 7px 10px; border-radius: 8px; background: var(--key); position: relative;
  color: var(--key-text); font-size: 14px; font-weight: 500; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; }
.key.out::after { content: "\\2197"; position: absolute; right: 6px; top: 2px; font-size: 10px; }
.pill { align-self: center; margin: 12px 0 2px; padding: 3px 11px; border-radius: 13px; background: var(--pill);
  color: #fff; font-size: 13px; font-weight: 500; text-align: center; max-width: 85%; }
.media { display: block; margin: -6px -10px 5px; width: calc(100% + 20px); max-height: 340px; object-fit: contain;
  background: var(--quote-back); }
.sticker { font-size: 84px; line-height: 1.15; padding: 4px; }
.bare { background: none !important; box-shadow: none; }
.stand-in { display: grid; place-items: center; min-width: 260px; height: 130px; color: var(--faint); }
.keyboard-note { align-self: center; color: var(--faint); font-size: 12px; margin-top: 6px; }
"""
FACES = ("#e17076", "#7bc862", "#65aadd", "#a695e7", "#ee7aae", "#6ec9cb", "#faa774")
NAMES_LIGHT = ("#cc5049", "#40a920", "#368ad1", "#955cdb", "#c7508b", "#309eba", "#d67722")
NAMES_DARK = ("#fb7e78", "#7fd669", "#79bdf5", "#b79bf3", "#f08fc0", "#69cfd8", "#f3a55e")
