const CALLBACK = /^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*){0,5}$/;
const NAME_MAX = 64;

/** Whether a page of another origin may have a function of this name called with what it asked for. */
export function isCallback(name: string): boolean {
  return name.length <= NAME_MAX && CALLBACK.test(name);
}
