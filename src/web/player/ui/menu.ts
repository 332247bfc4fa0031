import type { Choice } from "../playback.ts";
import { make } from "./elements.ts";

/** A group of entries of which one is chosen. */
export interface MenuGroup {
  readonly title: string;
  readonly entries: readonly Choice[];
  choose(id: string): void;
}

/** The settings: groups of radio entries, moved through with the arrow keys, closed with Escape. */
export class Menu {
  readonly element = make("div", "menu", { hidden: true });
  readonly #opener: HTMLButtonElement;
  readonly #groups: () => readonly MenuGroup[];

  constructor(opener: HTMLButtonElement, groups: () => readonly MenuGroup[]) {
    this.#opener = opener;
    this.#groups = groups;
    this.element.setAttribute("role", "menu");
    this.element.setAttribute("aria-label", "Settings");
    opener.setAttribute("aria-haspopup", "menu");
    opener.setAttribute("aria-expanded", "false");
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.element.addEventListener("focusout", (event) => {
      const to = event.relatedTarget as Node | null;
      if (to !== null && !this.element.contains(to) && to !== opener) {
        this.close();
      }
    });
  }

  get open(): boolean {
    return !this.element.hidden;
  }

  toggle(): void {
    if (this.open) this.close();
    else this.show();
  }

  show(): void {
    this.#fill();
    this.element.hidden = false;
    this.#opener.setAttribute("aria-expanded", "true");
    (this.element.querySelector<HTMLElement>("[aria-checked=true]") ??
      this.element.querySelector("button"))?.focus();
  }

  close(): void {
    if (!this.open) return;
    const had = this.element.contains(
      (this.element.getRootNode() as ShadowRoot).activeElement,
    );
    this.element.hidden = true;
    this.#opener.setAttribute("aria-expanded", "false");
    if (had) this.#opener.focus();
  }

  /** What there is to choose from has changed. */
  refresh(): void {
    this.#opener.hidden = this.#groups().length === 0;
    if (!this.open) return;
    const at = this.#buttons.indexOf(
      (this.element.getRootNode() as ShadowRoot)
        .activeElement as HTMLButtonElement,
    );
    this.#fill();
    this.#buttons[Math.max(at, 0)]?.focus();
  }

  get #buttons(): HTMLButtonElement[] {
    return [...this.element.querySelectorAll("button")];
  }

  #fill(): void {
    this.element.replaceChildren(
      ...this.#groups().map(({ title, entries, choose }) => {
        const group = make("div", "group");
        group.setAttribute("role", "group");
        group.setAttribute("aria-label", title);
        group.append(make("h3", "", { textContent: title }));
        for (const { id, label, chosen } of entries) {
          const button = make("button", "", {
            type: "button",
            textContent: label,
          });
          button.setAttribute("role", "menuitemradio");
          button.setAttribute("aria-checked", String(chosen));
          button.addEventListener("click", () => choose(id));
          group.append(button);
        }
        return group;
      }),
    );
  }

  #key(event: KeyboardEvent): void {
    const buttons = this.#buttons;
    const at = buttons.indexOf(
      (this.element.getRootNode() as ShadowRoot)
        .activeElement as HTMLButtonElement,
    );
    const to = ({ ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 } as Record<
      string,
      number
    >)[event.key];
    if (to !== undefined) buttons.at(to % buttons.length)?.focus();
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
