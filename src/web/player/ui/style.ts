/** The player's own style; pages change it by the custom properties `--fogcast-…` and `::part()`. */
export const STYLE = `
:host {
  display: block; position: relative; aspect-ratio: 16 / 9; overflow: hidden; background: #000; color: #fff;
  font: 14px/1.3 system-ui, sans-serif; --accent: var(--fogcast-accent, #61a5c2); container-type: inline-size;
  user-select: none; -webkit-user-select: none;
}
:host([hidden]) { display: none; }
:host(:focus-visible) { outline: 3px solid var(--accent); outline-offset: -3px; }
:host(:fullscreen) { aspect-ratio: auto; width: 100%; height: 100%; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
.stage, video, .surface, .poster { position: absolute; inset: 0; width: 100%; height: 100%; }
video, .surface, .poster { object-fit: contain; }
.poster { background: #000; pointer-events: none; transition: opacity .25s; }
.poster.gone { opacity: 0; }
button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
button:focus-visible, input:focus-visible { outline: 3px solid var(--accent); outline-offset: 1px; border-radius: .3rem; }
svg { width: 1.5rem; height: 1.5rem; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round;
  stroke-linejoin: round; display: block; }
.start { position: absolute; inset: 0; display: grid; place-items: center; width: 100%; height: 100%; }
.start span {
  width: 4rem; height: 4rem; display: grid; place-items: center; border-radius: 50%; background: #013a63d9;
  box-shadow: 0 0 0 1px #a9d6e566; transition: transform .15s, background .15s;
}
.start svg { width: 1.8rem; height: 1.8rem; fill: currentColor; margin-left: .2rem; }
.start:hover span { transform: scale(1.08); background: #014f86; }
.start:focus-visible { outline-offset: -4px; }
.say {
  position: absolute; inset-inline: .6rem; top: 46%; translate: 0 -50%; width: fit-content; margin: 0 auto;
  padding: .5rem .9rem; border-radius: .6rem; background: #000b; display: flex; gap: .6rem; align-items: center;
  pointer-events: none;
}
.say:not(:has(.text:not(:empty))) { display: none; }
.say::before {
  content: ""; flex: none; width: 1.1rem; height: 1.1rem; border: 2px solid #fff4; border-top-color: #fff;
  border-radius: 50%; animation: turn 1s linear infinite;
}
.say.still::before { display: none; }
@keyframes turn { to { rotate: 1turn; } }
.unmute {
  position: absolute; left: .6rem; top: .6rem; display: flex; gap: .45rem; align-items: center;
  padding: .4rem .8rem .4rem .6rem; border-radius: 2rem; background: #fff; color: #10243f; font-weight: 600;
  box-shadow: 0 1px 6px #0008;
}
.bar {
  position: absolute; inset: auto 0 0; display: flex; align-items: center; gap: .15rem; padding: 1.6rem .4rem .3rem;
  background: linear-gradient(#0000, #000c); transition: opacity .2s;
}
.bar button { padding: .35rem; border-radius: .4rem; }
.bar button:hover { background: #fff2; }
.bar .space { flex: 1; }
:host(.sound) .stage::after {
  content: "♪"; position: absolute; inset: 0; display: grid; place-items: center; font-size: 5rem; opacity: .5;
}
:host(.quiet) { cursor: none; }
:host(.quiet) .bar { opacity: 0; }
:host(.quiet) .bar:focus-within { opacity: 1; }
.live { display: flex; align-items: center; gap: .4rem; font-size: .8rem; font-weight: 600; letter-spacing: .04em; }
.live::before { content: ""; width: .55rem; height: .55rem; border-radius: 50%; background: #8a99a8; }
.live.now::before { background: #ff5a4d; }
.volume { width: 4.5rem; accent-color: var(--accent); margin: 0 .3rem; }
.way { font-size: .75rem; opacity: .75; margin-right: .3rem; white-space: nowrap; }
@container (max-width: 26rem) { .volume, .way { display: none; } }
@container (max-width: 15rem) { .bar .pip, .bar .numbers { display: none; } }
.menu {
  position: absolute; right: .5rem; bottom: 3.1rem; max-height: calc(100% - 3.6rem); overflow: auto; min-width: 11rem;
  background: #10202f; border-radius: .6rem; padding: .4rem; box-shadow: 0 2px 12px #000a;
}
.menu h3 { margin: .4rem .6rem .2rem; font-size: .75rem; font-weight: 600; opacity: .7; text-transform: uppercase; }
.menu button { display: flex; gap: .5rem; width: 100%; padding: .35rem .6rem; border-radius: .4rem; text-align: start; }
.menu button::before { content: ""; width: 1em; flex: none; }
.menu button[aria-checked=true]::before { content: "✓"; }
.menu button:hover { background: #fff2; }
.numbers-box {
  position: absolute; left: .6rem; top: .6rem; background: #000c; border-radius: .5rem; padding: .4rem .6rem;
  font: 12px/1.45 ui-monospace, monospace; pointer-events: none; border-spacing: 0; max-width: calc(100% - 1.2rem);
}
.numbers-box th { text-align: start; font-weight: 400; opacity: .7; padding: 0 .9em 0 0; }
.numbers-box td { text-align: start; white-space: nowrap; font-variant-numeric: tabular-nums; padding: 0; }
.unmute ~ .numbers-box { top: 3.4rem; }
.unmute[hidden] ~ .numbers-box { top: .6rem; }
.only-heard { position: absolute; white-space: nowrap; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
@media (prefers-reduced-motion: reduce) {
  * { transition: none !important; }
  .say::before { animation: none; border-color: #fff8; }
}
`;
