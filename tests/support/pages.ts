import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { launchChromium, type TestBrowser } from './chromium.js';
import { type TemporaryFolder, temporaryFolder } from './folder.js';
import { PagePerson } from './page-person.js';
import { type PageServer, startPageServer } from './page-server.js';

/** What a test file of the pages works with; there from the first test on. */
export interface Pages {
  readonly server: PageServer;
  /** Removed after the last test. */
  readonly folder: TemporaryFolder;
  /** A new person, who leaves after the test, and whose browser must have had nothing to complain of. */
  somebody(): Promise<PagePerson>;
}

/** Call once in a file: one server and one browser for all of its tests. */
export function usePages(): Pages {
  let browser: TestBrowser;
  let folder: TemporaryFolder;
  let server: PageServer;
  let people: PagePerson[] = [];

  beforeAll(async () => {
    folder = temporaryFolder();
    [browser, server] = await Promise.all([launchChromium(), startPageServer(folder.file('pages.db'))]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    folder.remove();
  });
  afterEach(async () => {
    const complaints = people.flatMap((person) => person.complaints);
    await Promise.all(people.map((person) => person.leave()));
    people = [];
    expect(complaints).toEqual([]);
  });
  return {
    get server() {
      return server;
    },
    get folder() {
      return folder;
    },
    async somebody() {
      const person = await PagePerson.arrive(browser);
      people.push(person);
      return person;
    },
  };
}
