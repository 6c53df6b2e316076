import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { launchChromium, type TestBrowser } from './chromium.js';
import { PagePerson } from './page-person.js';
import { TestServer } from './server-process.js';

/** What a test file of the pages works with; there from the first test on. */
export interface Pages {
  readonly server: TestServer;
  /** A new person, who leaves after the test, and whose browser must have had nothing to complain of. */
  somebody(): Promise<PagePerson>;
}

/** Call once in a file: one server and one browser for all of its tests. */
export function usePages(): Pages {
  let browser: TestBrowser;
  const server = new TestServer();
  let people: PagePerson[] = [];

  beforeAll(async () => {
    [browser] = await Promise.all([launchChromium(), server.start()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server.remove();
  });
  afterEach(async () => {
    const complaints = people.flatMap((person) => person.complaints);
    await Promise.all(people.map((person) => person.leave()));
    people = [];
    expect(complaints).toEqual([]);
  });
  return {
    server,
    async somebody() {
      const person = await PagePerson.arrive(browser);
      people.push(person);
      return person;
    },
  };
}
