import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { launchChromium, type TestBrowser } from './chromium.js';
import { PagePerson } from './page-person.js';
import { TestServer, type TestServerOptions } from './server-process.js';

/** People with browsers, for the tests of a file. */
export interface People {
  /** A new person, who leaves after the test, and whose browser must have had nothing to complain of. */
  somebody(): Promise<PagePerson>;
}

/** What a test file of the pages works with; there from the first test on. */
export interface Pages extends People {
  readonly server: TestServer;
}

/** Call once in a file: one browser for all of its tests. */
export function usePeople(): People {
  let browser: TestBrowser;
  let people: PagePerson[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    const complaints = people.flatMap((person) => person.complaints);
    await Promise.all(people.map((person) => person.leave()));
    people = [];
    expect(complaints).toEqual([]);
  });
  return {
    async somebody() {
      const person = await PagePerson.arrive(browser);
      people.push(person);
      return person;
    },
  };
}

/** Call once in a file: one server and one browser for all of its tests. */
export function usePages(options: TestServerOptions = {}): Pages {
  const people = usePeople();
  const server = new TestServer(options);

  beforeAll(() => server.start());
  afterAll(() => server.remove());
  return { ...people, server };
}
