interface Prefixed {
  readonly webkitFullscreenElement?: Element | null;
  webkitEnterFullscreen?(): void;
}

/** Whether an element fills the screen. */
export function fillsScreen(element: Element): boolean {
  return (document.fullscreenElement ??
    (document as Prefixed).webkitFullscreenElement) === element;
}

/** Fills the screen or ends that; iPhones can fill it with the video alone. */
export async function toggleFullScreen(
  element: HTMLElement,
  video: HTMLVideoElement,
): Promise<void> {
  if (fillsScreen(element)) await document.exitFullscreen();
  else if ("requestFullscreen" in element) await element.requestFullscreen();
  else (video as Prefixed).webkitEnterFullscreen?.();
}

/** Puts the video into a small window above all others, or back. */
export async function togglePictureInPicture(
  video: HTMLVideoElement,
): Promise<void> {
  if (document.pictureInPictureElement === video) {
    await document.exitPictureInPicture();
  } else await video.requestPictureInPicture();
}
