import { icon, type IconName } from "./icons.ts";

/** An element with a class and properties. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
): HTMLElementTagNameMap[K] {
  return Object.assign(document.createElement(tag), { className }, properties);
}

/** A button with a drawing; `face` changes both what it shows and what it is called. */
export function makeButton(
  className: string,
  name: IconName,
  label: string,
  run: () => void,
): HTMLButtonElement {
  const button = make("button", className, { type: "button" });
  button.setAttribute("part", className);
  button.addEventListener("click", run);
  face(button, name, label);
  return button;
}

export function face(
  button: HTMLButtonElement,
  name: IconName,
  label: string,
): void {
  if (button.dataset["icon"] === name) return;
  button.dataset["icon"] = name;
  button.innerHTML = icon(name);
  button.setAttribute("aria-label", label);
  button.title = label;
}
