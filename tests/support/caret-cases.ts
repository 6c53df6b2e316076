/** Fields of every kind, for the tests of where remote carets are drawn. */
export interface CaretCase {
  readonly name: string;
  readonly html: string;
  readonly text: string;
  /** Share of the selection's area in which the browser's own painting may differ, beside its rim. Default none. */
  readonly differs?: number;
}

const PROSE = `It was the best of times, it was the\nage of wisdom…\n\n\tthe age   of foolishness,   \n  lead \tx\nan_unbreakable_${'word_'.repeat(8)}end.\nflip office ffi\n`;
const SIGNS =
  'e\u0301a\u0308o\u0323\u0302 q\u0307\u0323\n👩‍👩‍👧‍👦 👍🏽 🇩🇪 🦦x😀y\n你好世界，這是一個很長的句子需要換行的測試文字一二三\n「（テスト）」、。漢字abc';
const HEBREW = 'בראשית ברא אלהים\nוהארץ היתה תהו ובהו וחשך על פני תהום ורוח\n';
const ARABIC = 'مرحبا بالعالم هذا نص عربي طويل بما يكفي ليلتف\nلا إله\n';
const MIXED =
  'Hello שלום world עולם 123, אבג abc (דהו) end.\nאבג english in the middle דהו 456 and more אבגד here\n';
/** Another font than the first one makes lines of no given height higher, which only the browser sees exactly. */
const OTHER_FONTS = 0.02;
/** Edges between pixels are drawn softly. */
const SOFT_EDGES = 0.002;

function area(style = '', attributes = ''): string {
  return `<textarea id="field" ${attributes} style="width:230px;height:130px;font:16px sans-serif;${style}"></textarea>`;
}

function input(style = '', attributes = ''): string {
  return `<input id="field" ${attributes} style="width:200px;${style}">`;
}

function cases(
  list: readonly (readonly [name: string, html: string, text: string, differs?: number])[],
): CaretCase[] {
  return list.map(([name, html, text, differs]) => ({
    name,
    html,
    text,
    ...(differs !== undefined && { differs }),
  }));
}

/** What the field's own style decides. */
export const STYLED = cases([
  ['as it comes', '<textarea id="field" rows="7" cols="33"></textarea>', PROSE],
  ['odd line height', area('line-height:1.37'), PROSE],
  ['lines that overlap', area('line-height:0.8'), PROSE],
  ['wide lines', area('line-height:31px'), PROSE],
  ['indented', area('text-indent:30px'), PROSE],
  ['indented to the left', area('text-indent:-10px;padding-left:20px'), PROSE],
  ['centred', area('text-align:center'), PROSE],
  ['at the right', area('text-align:right'), PROSE],
  ['justified', area('text-align:justify'), PROSE],
  ['justified, last lines too', area('text-align:justify;text-align-last:justify'), PROSE],
  ['spaced', area('letter-spacing:1.7px;word-spacing:5px'), PROSE],
  [
    'paddings and borders',
    area('padding:7px 13.5px 3px 21px;border:solid;border-width:1px 2.5px 7px 4px'),
    PROSE,
  ],
  [
    'border-box',
    area('box-sizing:border-box;padding:7px 13.5px 3px 21px;border:5px solid;width:261.3px'),
    PROSE,
  ],
  ['wrap=off', area('', 'wrap="off"'), PROSE],
  ['white-space: nowrap', area('white-space:nowrap'), PROSE],
  ['white-space: normal', area('white-space:normal'), PROSE],
  ['white-space: break-spaces', area('white-space:break-spaces'), PROSE],
  ['balanced', area('text-wrap:balance'), PROSE],
  ['prettily wrapped', area('text-wrap:pretty'), PROSE],
  ['balanced with the page', `<style>body{text-wrap:balance}</style>${area()}`, PROSE],
  ['narrow tabs', area('tab-size:3'), PROSE],
  ['tabs in pixels', area('tab-size:37px'), PROSE],
  ['break-all', area('word-break:break-all'), PROSE],
  ['overflow-wrap: normal', area('overflow-wrap:normal'), PROSE],
  ['upper case', area('text-transform:uppercase'), `${PROSE}straße`],
  ['no ligatures', area('font-variant-ligatures:none;font-kerning:none'), PROSE],
  ['serif, bold, italic', area('font:italic 700 17px serif'), PROSE],
  ['scroll bar', area('overflow-y:scroll'), PROSE],
  ['scroll bar of a place of its own', area('scrollbar-gutter:stable both-edges;height:300px'), PROSE],
  ['zoomed', area('zoom:1.3'), PROSE],
  ['in the middle', area('align-content:center;height:250px'), 'one\ntwo'],
  ['a fraction of a pixel', `<div style="margin:3.37px 0 0 5.61px">${area('width:230.4px')}</div>`, PROSE],
  ['nothing', area('text-align:center'), ''],
  ['empty lines', area('text-indent:20px'), '\n\n'],
  ['other signs', area('line-height:30px'), SIGNS],
  ['other signs, lines as high as they need', area(), SIGNS, OTHER_FONTS],
  ['Japanese', area('line-height:30px', 'lang="ja"'), SIGNS],
  ['Hebrew', area('', 'dir="rtl"'), HEBREW, OTHER_FONTS],
  ['Hebrew, by its letters', area('', 'dir="auto"'), `${HEBREW}and english`, OTHER_FONTS],
  ['Arabic', area('', 'dir="rtl"'), ARABIC, OTHER_FONTS],
  ['both directions', area('line-height:30px'), MIXED, OTHER_FONTS],
  [
    'both directions, from the right',
    area('overflow-y:scroll;line-height:30px', 'dir="rtl"'),
    MIXED,
    OTHER_FONTS,
  ],
  ['an input', input('font:17px serif'), 'It was the best of'],
  ['an input at the right', input('text-align:right'), 'in the right'],
  [
    'an input with a padding',
    input('height:50px;padding:3px 9px 11px 5px;border:3px solid;line-height:30px'),
    'a b  c',
  ],
  ['an input with too large a font', input('font:30px serif;height:20px'), 'big text'],
  ['an input from the right', input('', 'dir="rtl"'), 'שלום world עולם'],
  ['a password', input('', 'type="password"'), 'hunter22'],
]);

/** Vertical lines. */
export const VERTICAL = cases([
  ['vertical, from the right', area('writing-mode:vertical-rl'), PROSE + SIGNS, OTHER_FONTS],
  ['vertical, from the left', area('writing-mode:vertical-lr'), PROSE],
  ['vertical, wide lines', area('writing-mode:vertical-rl;line-height:1.5'), PROSE],
  ['sideways', area('writing-mode:sideways-lr;line-height:1.5'), PROSE],
  ['a vertical input', '<input id="field" style="writing-mode:vertical-rl">', 'vertical'],
]);

const SHADOW = '<div><template data-shadow>';

/** What is around the field. */
export const PLACED = cases([
  [
    'a turned ancestor',
    `<div style="transform:rotate(10deg);margin:50px">${area()}</div>`,
    PROSE,
    SOFT_EDGES,
  ],
  [
    'an ancestor turned half way',
    `<div style="transform:rotate(45deg);margin:90px">${area()}</div>`,
    PROSE,
    SOFT_EDGES,
  ],
  [
    'a slanted ancestor',
    `<div style="transform:skewX(12deg) scale(1.1);margin:50px">${area()}</div>`,
    PROSE,
    SOFT_EDGES,
  ],
  ['a mirrored ancestor', `<div style="transform:scaleX(-1);width:240px">${area()}</div>`, PROSE, SOFT_EDGES],
  [
    'a scaled ancestor',
    `<div style="transform:scale(1.3);transform-origin:0 0">${area()}</div>`,
    PROSE,
    SOFT_EDGES,
  ],
  ['a zoomed ancestor', `<div style="zoom:1.5">${area()}</div>`, PROSE],
  ['a turned field', `<div style="padding:60px">${area('transform:rotate(7deg)')}</div>`, PROSE, SOFT_EDGES],
  ['a zoomed page', `<style>html{zoom:1.25}</style><div style="zoom:.9">${area('zoom:1.1')}</div>`, PROSE],
  ['a dialog', `<dialog style="margin:20px">${area()}</dialog>`, PROSE],
  ['a shadow tree', `${SHADOW}<p>in ${area()}</p></template></div>`, PROSE],
  [
    'a slot in a pane',
    `${SHADOW}<p style="height:60px;overflow:auto"><slot></slot></p></template>${area()}</div>`,
    PROSE,
  ],
  [
    'position: fixed',
    `<div style="height:2000px">x</div>${area('position:fixed;left:30px;top:40px')}`,
    PROSE,
  ],
  ['a pane', `<div style="overflow:auto;height:80px;width:180px;border:3px solid">${area()}</div>`, PROSE],
  [
    'a field that leaves a pane',
    `<div style="position:relative"><div style="overflow:hidden;height:30px">${area('position:absolute')}</div></div>`,
    PROSE,
  ],
  ['a page from the right', `<style>html{direction:rtl}</style>${area('direction:ltr')}`, PROSE],
  [
    'a vertical page',
    `<style>html{writing-mode:vertical-rl}</style>${area('writing-mode:horizontal-tb')}`,
    PROSE,
  ],
  ['a frame', '<iframe style="width:330px;height:200px"></iframe>', PROSE],
  [
    'a page whose styles mean to be obeyed',
    `<style>div{margin:20px!important;padding:10px!important;transform:rotate(3deg)!important;position:static!important;
     display:none!important;opacity:.2!important;direction:rtl!important;zoom:2!important;visibility:hidden!important}</style>${area()}`,
    PROSE,
  ],
]);
