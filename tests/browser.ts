import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
/** Nothing of its own over the network, and no sandbox: the tests may run as root. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The browser of this machine: CHROMIUM_PATH, or one that is on the path. */
export function findBrowser(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const places = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [process.env['CHROMIUM_PATH'] ?? '', ...places].find((path) => path !== '' && isExecutable(path));
}

/** Starts it without a window, with a new and empty profile. */
export function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ARGUMENTS, headless: true });
}

/** A page, and all that its policy forbade or that went wrong in it. */
export async function openPage(context: BrowserContext): Promise<{ page: Page; wrong: string[] }> {
  const wrong: string[] = [];
  const page = await context.newPage();
  page.on('console', (message) => void wrong.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => void wrong.push(error.message));
  return { page, wrong };
}

export type Seen = { role: string; name: string; description: string; focused: boolean; invalid: boolean };

/** What a screen reader is given of a page, in order: everything that has a name or can be worked with. */
export async function accessibilityOf(page: Page): Promise<Seen[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  await session.detach();
  return nodes
    .filter(({ ignored }) => !ignored)
    .map(({ role, name, description, properties = [] }) => {
      const property = (wanted: string) =>
        properties.find((each) => each.name === wanted)?.value.value as unknown;
      return {
        role: String(role?.value ?? ''),
        name: String(name?.value ?? ''),
        description: String(description?.value ?? ''),
        focused: property('focused') === true,
        invalid: property('invalid') === 'true',
      };
    });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
