/**
 * Puts a text on the clipboard; `false` where the browser doesn't let a page do that. One that is not there yet has to be
 * promised at once: some browsers take nothing that comes long after the click.
 */
export async function copyText(text: string | Promise<string>): Promise<boolean> {
  try {
    // Not there on pages that came over plain HTTP from another machine.
    const { clipboard } = navigator;
    if (typeof text === 'string') await clipboard.writeText(text);
    else await clipboard.write([new ClipboardItem({ 'text/plain': text })]);
    return true;
  } catch {
    return false;
  }
}

/** Selects what is in a field, so that it can be copied by hand. */
export function selectAll(field: HTMLInputElement): void {
  field.focus();
  field.select();
}

/** Lets the browser save a text as a file. */
export function downloadText(fileName: string, text: string): void {
  downloadBlob(fileName, new Blob([text], { type: 'text/plain;charset=utf-8' }));
}

/** Lets the browser save something as a file. */
export function downloadBlob(fileName: string, blob: Blob): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = fileName;
  link.click();
  // The download has its own hold on the blob once the click has been handled.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
