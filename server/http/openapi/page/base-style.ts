/**
 * Colours, faces and plain elements, as all our pages have them (client/app/style/base.css). Their own style is not there where
 * an application has only the API in it.
 */
export const BASE_STYLE = `:root {
  color-scheme: light dark;

  --canvas: light-dark(#f3f1ec, #131417);
  --sheet: light-dark(#fffefb, #1b1d21);
  --raised: light-dark(#ffffff, #24262b);
  --ink: light-dark(#22201c, #e9e6df);
  --ink-soft: light-dark(#5d584f, #a8a49b);
  --line: light-dark(#e0dcd2, #31343a);
  --accent: light-dark(#3d4fb8, #a9b6ff);
  --accent-deep: light-dark(#2f3e98, #c3ccff);
  --accent-wash: light-dark(#e8ebfa, #262b45);
  --good: light-dark(#1d6b45, #7fd3a6);
  --warn: light-dark(#8a4b00, #f2bf6c);
  --bad: light-dark(#a92319, #ff9d92);

  --sans:
    -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif;
  --serif:
    "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", Georgia, "Liberation Serif", serif;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
  --round: 10px;
}

*,
*::before,
*::after {
  box-sizing: border-box;
}

html {
  -webkit-text-size-adjust: 100%;
  text-size-adjust: 100%;
  scroll-padding-block-start: 16px;
}

body {
  margin: 0;
  padding-inline: clamp(16px, 4vw, 40px);
  background: var(--canvas);
  color: var(--ink);
  font: 1rem / 1.55 var(--sans);
  -webkit-font-smoothing: antialiased;
  overflow-wrap: anywhere;
}

h1,
h2,
h3,
h4,
p,
ul,
dl,
dd,
pre {
  margin: 0;
  padding: 0;
}

a {
  color: var(--accent);
}

a:hover {
  color: var(--accent-deep);
}

code {
  font: 0.9em var(--mono);
}

:focus-visible {
  outline: 2px solid var(--accent);
  outline-offset: 2px;
}

.skip {
  position: absolute;
  z-index: 10;
  inset-block-start: 8px;
  inset-inline-start: 8px;
  padding: 10px 16px;
  border-radius: var(--round);
  background: var(--raised);
  transform: translateY(-80px);
}

.skip:focus {
  transform: none;
}

.hint {
  color: var(--ink-soft);
  font-size: 0.875rem;
}
`;
